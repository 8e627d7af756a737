// What stands beside the image: why it is asked, what it is like, and the guide.

import { draw } from "../desk/album.js"
import { drawGiven } from "../desk/guide.js"
import { finder, make, name, write } from "../js/dom.js"
import { number } from "../js/numbers.js"

/** @import { Album } from "../desk/album.js" */
/** @import { Given } from "../desk/guide.js" */
/** @import { Asked, Placed, Ticket } from "./queue.js" */

/** @typedef {{text: string, given: Given, normals: number[], anomalies: number[]}} Guide */
/** @typedef {{queue: Ticket[], strategy: string}} Asking of a delivery */

const NEAR = ["Most like it, normal", "Most like it, anomalous"]
const EXAMPLES = ["Answered normal", "Answered anomalous"]

export class Aside {
  /** @param {HTMLElement} root @param {Album} album */
  constructor(root, album) {
    this.find = finder(root)
    this.album = album
    this.why = "" // what is said
    for (const place of [".examples", ".neighbors"]) {
      for (const _ of NEAR) this.find(place).append(make("div", { className: "group" }, make("p"), make("div", { className: "strip" })))
    }
  }

  /** Say why an item is asked; with `told`, also what the model makes of it. `key` tells that.
   * @param {Asked | null} ticket @param {Asking} asking @param {boolean} told @param {string} key */
  drawWhy(ticket, asking, told, key) {
    this.fill(".neighbors", NEAR, [ticket?.normals ?? [], ticket?.anomalies ?? []])
    const lines = ticket ? [asked(ticket, asking, told, key)] : []
    if (told && ticket?.distance !== undefined) lines.push(predicted(/** @type {Placed} */ (ticket)))
    if (lines.join() === this.why) return
    this.why = lines.join()
    this.find(".why").replaceChildren(...lines.map(line => make("p", {}, line)))
  }

  /** @param {Guide} guide */
  drawGuide({ text, given, normals, anomalies }) {
    write(this.find(".task"), text || "Normal or anomalous? No rule is written; it is written with the project:")
    this.find(".write").hidden = Boolean(text)
    write(this.find(".guidelines"), text || "No guidelines were written for this project.")
    drawGiven(this.find(".given"), given)
    if (!this.find(".guide").hidden) this.fill(".examples", EXAMPLES, [normals, anomalies])
  }

  /** Fill the titled strips of a place with images.
   * @param {string} place @param {string[]} titles @param {number[][]} groups of items */
  fill(place, titles, groups) {
    for (const [at, items] of groups.entries()) {
      const [heading, strip] = this.find(place).children[at].children
      write(heading, items.length ? titles[at] : "")
      while (strip.children.length < items.length) strip.append(newCanvas())
      while (strip.children.length > items.length) strip.lastElementChild?.remove()
      for (const [place, canvas] of strip.querySelectorAll("canvas").entries()) {
        name(canvas, `Item ${items[place]}`)
        draw(canvas, this.album.picture(items[place]))
      }
    }
  }
}

/** @param {Asked} ticket @param {Asking} asking @param {boolean} told @param {string} key */
function asked({ again, reason, rank, repeat, version }, asking, told, key) {
  if (again) return "Here again because its answer was taken back."
  const place = `${number(rank ?? 0)} of ${number(asking.queue.length)} in line`
  if (version === undefined && !repeat) return `Asked because ${reason} (${place}).`
  if (!told) return `Proposed by the strategy ${asking.strategy}. ${key} shows why, and the model's view.`
  const why = repeat ? "you answered it before, and consistency is checked" : reason
  return `Asked because ${why} (${place}).`
}

/** @param {Placed} placed */
function predicted({ distance, R, limit, flagged, score, version }) {
  const radii = (/** @type {number} */ far) => `${(far / R).toPrecision(3)} R`
  return (
    `Model ${version}: ${flagged ? "looks anomalous" : "looks normal"}, at ${radii(distance)} from the center ` +
    `(score ${score.toPrecision(4)}); flagged beyond ${radii(limit)}.`
  )
}

/** A small image. */
export function newCanvas() {
  const canvas = make("canvas", { width: 28, height: 28 })
  canvas.setAttribute("role", "img")
  return canvas
}
