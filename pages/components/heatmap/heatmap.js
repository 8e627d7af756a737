// A heatmap: each place of an image in a colour as strong as its value, which pointer and keys ask for.

import { bytes } from "../js/codec.js"
import { finder, make, name, penOf } from "../js/dom.js"
import { mounting, toNobody } from "../js/mounting.js"
import { fixed, number } from "../js/numbers.js"
import { channels } from "../sphere/canvas.js"
import { ItemTip } from "../sphere/tip.js"

/** A row and a column, from 0. @typedef {[row: number, column: number]} Spot */
/** `words` are what a value is, above 0 and below; `ends` stand at the scale, the largest first.
 * @typedef {{name: string, values: string, height: number, width: number, picture: string | null, least: number,
 * most: number, words: [string, string], ends: string[]}} Data */

const STRONGEST = 0.9 // of the colour over a picture, so that it still shows
const STRIDE = 10 // places, with Shift
/** @type {Record<string, Spot>} */
const WAYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }

class Heatmap {
  setState = toNobody
  setTrigger = toNobody
  data = /** @type {Data} */ ({}) // before it is drawn
  values = new Float32Array()
  /** What is pointed at. @type {Spot | null} */
  at = null

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.find = finder(parent)
    this.stage = this.find(".stage")
    this.canvas = this.find(".values", HTMLCanvasElement)
    this.tip = new ItemTip(this.find(".tip"), this.stage, () => {})
    this.stage.addEventListener("pointermove", event => this.hover(event))
    this.stage.addEventListener("pointerleave", () => this.point(null))
    this.stage.addEventListener("keydown", event => this.key(event))
    this.stage.addEventListener("blur", () => this.point(null))
  }

  stop() {
    this.tip.stop()
  }

  /** @param {Data} data */
  take(data) {
    const same = JSON.stringify(data) === JSON.stringify(this.data)
    this.data = data
    if (same) return
    this.values = new Float32Array(bytes(data.values).buffer)
    name(this.stage, data.name)
    const picture = this.find(".picture", HTMLImageElement)
    picture.hidden = data.picture === null
    if (data.picture !== null) picture.src = data.picture
    this.draw(data)
    this.point(null)
  }

  /** @param {Data} data */
  draw({ height, width, picture, least, most, ends }) {
    const style = getComputedStyle(this.find(".heatmap"))
    const [more, less] = ["--more", "--less"].map(colour => channels(style.getPropertyValue(colour).trim()))
    const strongest = picture === null ? 1 : STRONGEST
    Object.assign(this.canvas, { height, width })
    const image = new ImageData(width, height)
    for (const [at, value] of this.values.entries()) {
      image.data.set([...(value < 0 ? less : more), 255 * strongest * shareOf(value, least, most)], 4 * at)
    }
    penOf(this.canvas).putImageData(image, 0, 0)
    const colours = ["var(--more)", "transparent", ...(least < 0 ? ["var(--less)"] : [])]
    const scale = this.find(".scale")
    scale.style.setProperty("--colours", `linear-gradient(${colours})`)
    scale.replaceChildren(...ends.map(end => make("span", {}, end)))
  }

  /** @param {PointerEvent} event */
  hover({ clientX, clientY }) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect()
    const { data } = this
    this.point(within([((clientY - top) / height) * data.height, ((clientX - left) / width) * data.width], data))
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const way = WAYS[event.key]
    if (way) this.point(walked(this.at, way, event.shiftKey ? STRIDE : 1, this.data))
    else if (event.key === "Escape" && this.at) this.point(null)
    else return
    event.preventDefault()
    if (this.at) this.find(".reached").textContent = this.words(this.at)
  }

  /** Mark a place and say its value, or point at none. @param {Spot | null} at */
  point(at) {
    this.at = at
    const mark = this.find(".place")
    mark.hidden = at === null
    if (!at) return this.tip.hide()
    const { width, height } = this.data
    const [row, column] = at
    const place = { left: column / width, top: row / height, width: 1 / width, height: 1 / height }
    for (const [side, share] of Object.entries(place)) mark.style.setProperty(side, `${100 * share}%`)
    const { clientWidth, clientHeight } = this.stage
    this.tip.show([(place.left + place.width / 2) * clientWidth, (place.top + place.height / 2) * clientHeight], this.words(at))
  }

  /** @param {Spot} at */
  words([row, column]) {
    const value = this.values[row * this.data.width + column]
    const [more, less] = this.data.words
    return `Row ${number(row)}, column ${number(column)}: ${value < 0 ? less : more} ${fixed(Math.abs(value), 3)}`
  }
}

/** How strong the colour of a value is, from 0 to 1. @param {number} value @param {number} least
 * @param {number} most */
export const shareOf = (value, least, most) => Math.min(1, Math.max(0, value < 0 ? value / least : value / most))

/** The whole row and column of a place, the nearest that there is.
 * @param {Spot} at @param {{height: number, width: number}} size @returns {Spot} */
export const within = ([row, column], { height, width }) => [
  Math.min(height - 1, Math.max(0, Math.floor(row))),
  Math.min(width - 1, Math.max(0, Math.floor(column))),
]

/** Where so many steps lead; from nowhere to the middle.
 * @param {Spot | null} at @param {Spot} way @param {number} steps @param {{height: number, width: number}} size */
export const walked = (at, [down, right], steps, size) =>
  within(at ? [at[0] + steps * down, at[1] + steps * right] : [size.height / 2, size.width / 2], size)

export default mounting(parent => new Heatmap(parent))
