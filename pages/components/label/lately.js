// What was answered lately: the boxes of the round under way, and the newest answers, to click and mend.

import { draw } from "../desk/album.js"
import { finder, make, name, write } from "../js/dom.js"
import { number } from "../js/numbers.js"
import { newCanvas } from "./aside.js"

/** @import { Album } from "../desk/album.js" */
/** @import { Past } from "../desk/history.js" */

/** A round: how many labels it takes, 0 where none are counted; what no model knows came after event
 * number `trained`: `labels` are (item, 1 normal or -1 anomalous), oldest first.
 * @typedef {{size: number, trained: number, labels: [number, number][]}} Round */

const LAST = 5 // answers that are shown
const BOXES = 30 // rounds of more labels are a bar
/** @type {Record<string, string>} */
export const SIGNS = { normal: "●", anomalous: "✕", unsure: "?", skip: "–" }

/** What fills the boxes of a round, oldest first: labels of others, then what this person has said since.
 * A round that is full gives way to the next.
 * @param {Round} round @param {Past[]} standing the person's own, oldest first @returns {string[]} */
export function filled({ size, trained, labels }, standing) {
  const mine = standing.filter(({ seq, kind }) => kind !== "repeat" && (seq ?? Infinity) > trained)
  const own = new Set(standing.map(({ item }) => item))
  const others = labels.filter(([item]) => !own.has(item)).map(([, y]) => (y > 0 ? "normal" : "anomalous"))
  const all = [...others, ...mine.map(({ said }) => said)]
  let full = size > 0 ? Math.floor(all.filter(counts).length / size) * size : 0
  while (full > 0) if (counts(String(all.shift()))) full -= 1
  return all
}

/** Let a place have a box for each of what was said, and change only those that say something else.
 * @param {HTMLElement} place @param {string[]} all */
function fill(place, all) {
  while (place.children.length < all.length) place.append(make("i"))
  while (place.children.length > all.length) place.lastElementChild?.remove()
  for (const [at, said] of all.entries()) {
    if (place.children[at].className === said) continue
    place.children[at].className = said
    write(place.children[at], SIGNS[said] ?? "")
  }
}

/** Whether what was said counts toward the round.
 * @param {string} said */
const counts = said => said === "normal" || said === "anomalous"

export class Lately {
  /** @param {HTMLElement} root @param {Album} album @param {(uuid: string) => void} mend hears which answer to change */
  constructor(root, album, mend) {
    this.find = finder(root)
    this.album = album
    /** @type {boolean | undefined} */
    this.many = undefined // whether the round is drawn as a bar
    this.places = Array.from({ length: LAST }, () => {
      const place = { uuid: "", canvas: newCanvas(), sign: make("i"), button: make("button", { type: "button", hidden: true }) }
      place.canvas.setAttribute("aria-hidden", "true")
      place.button.append(place.canvas, place.sign)
      place.button.addEventListener("mousedown", event => event.preventDefault()) // the focus stays put
      place.button.addEventListener("click", () => mend(place.uuid))
      this.find(".lately ol").append(make("li", {}, place.button))
      return place
    })
  }

  /** @param {Past[]} standing the person's own answers, oldest first */
  drawLast(standing) {
    const last = standing.slice(-LAST)
    for (const [at, place] of this.places.entries()) {
      const one = last[at]
      place.button.hidden = !one
      if (!one) continue
      place.uuid = one.uuid
      write(place.sign, SIGNS[one.said] ?? "")
      place.sign.className = one.said
      draw(place.canvas, this.album.picture(one.item))
      name(place.button, `Item ${number(one.item)}, answered ${one.said}: change it`)
    }
    this.find(".lately").dataset.empty = String(last.length === 0)
  }

  /** @param {Round} round @param {Past[]} standing */
  drawRound(round, standing) {
    const place = this.find(".round")
    place.hidden = round.size === 0
    if (round.size === 0) return
    const marks = filled(round, standing)
    const done = marks.filter(counts).length
    name(place, `${number(done)} of ${number(round.size)} answers toward the next model`)
    place.title = place.getAttribute("aria-label") ?? ""
    const many = round.size > BOXES
    if (many !== this.many) place.replaceChildren(...(many ? [make("i", { className: "bar" }), make("span")] : []))
    this.many = many
    if (many) {
      const [bar, words] = /** @type {HTMLCollectionOf<HTMLElement>} */ (place.children)
      bar.style.setProperty("--done", String(done / round.size))
      write(words, `${number(done)} of ${number(round.size)}`)
    } else fill(place, [...marks, ...Array(round.size - done).fill("")])
  }
}
