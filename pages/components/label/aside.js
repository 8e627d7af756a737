// @ts-nocheck
// What stands beside the image: why it is asked, what it is like, and the guide.

import { draw } from "../js/codec.js"
import { number } from "../js/numbers.js"

const NEAR = ["Most like it, answered normal", "Most like it, answered anomalous"]

export class Aside {
  constructor(root, album) {
    this.find = selector => root.querySelector(selector)
    this.album = album
    this.find(".examples").append(this.group("", []), this.group("", []))
    this.find(".neighbors").append(...NEAR.map(title => this.group(title, [])))
  }

  /** Say why an item is asked; with `view`, also what the model makes of it. */
  drawWhy(ticket, data, view, key) {
    const groups = this.find(".neighbors").children
    const near = [ticket?.normals ?? [], ticket?.anomalies ?? []]
    for (const [at, items] of near.entries()) this.fillGroup(groups[at], NEAR[at], items)
    const lines = ticket ? [asked(ticket, data, view, key)] : []
    if (view && ticket?.distance !== undefined) lines.push(predicted(ticket))
    this.find(".why").replaceChildren(...lines.map(paragraph))
  }

  drawGuide(guide) {
    this.find(".task").textContent = guide.text || "Normal or anomalous?"
    this.find(".guidelines").textContent = guide.text || "No guidelines were written for this project."
    if (this.find(".guide").hidden) return
    const [normals, anomalies] = this.find(".examples").children
    this.fillGroup(normals, "Answered normal", guide.normals)
    this.fillGroup(anomalies, "Answered anomalous", guide.anomalies)
  }

  /** A titled strip of images. */
  group(title, items) {
    const group = document.createElement("div")
    group.className = "group"
    group.append(document.createElement("p"), document.createElement("div"))
    group.lastChild.className = "strip"
    this.fillGroup(group, title, items)
    return group
  }

  fillGroup(group, title, items) {
    const [heading, strip] = group.children
    heading.textContent = items.length ? title : ""
    while (strip.children.length < items.length) strip.append(newCanvas())
    while (strip.children.length > items.length) strip.lastChild.remove()
    items.forEach((item, at) => {
      name(strip.children[at], `Item ${item}`)
      draw(strip.children[at], this.album.image(item))
    })
  }
}

function asked({ strategy, reason, rank, utility, repeat }, data, view, key) {
  if (strategy === null) return "Here again because its answer was taken back."
  const place = `${number(rank)} of ${number(data.queue.length)} in line`
  if (!view) return `Asked by ${data.strategy}, ${place}. ${key} shows why, and the model's view.`
  const why = repeat ? "you answered it before, and consistency is checked" : reason
  const useful = utility === null ? "" : `, utility ${utility.toPrecision(3)}`
  return `Asked because ${why} (${strategy}${useful}, ${place}).`
}

function predicted({ distance, R, outside, score, version }) {
  const side = outside ? "outside the sphere: looks anomalous" : "inside the sphere: looks normal"
  return (
    `Model ${version}: distance ${distance.toFixed(3)} from the center, radius R ${R.toFixed(3)}, ` +
    `${side} (score ${score.toPrecision(4)}).`
  )
}

function paragraph(text) {
  const made = document.createElement("p")
  made.textContent = text
  return made
}

export function newCanvas() {
  const canvas = document.createElement("canvas")
  canvas.setAttribute("role", "img")
  canvas.width = canvas.height = 28
  return canvas
}

export function name(element, text) {
  element.setAttribute("aria-label", text)
}
