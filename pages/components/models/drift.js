// Where two model versions put each image among all: what lies off the diagonal has moved.

import { finder, name, penOf } from "../js/dom.js"
import { mounting, toNobody } from "../js/mounting.js"
import { count, number } from "../js/numbers.js"
import { fit, watch } from "../sphere/canvas.js"
import { fill } from "../sphere/marks.js"
import { Places } from "../sphere/places.js"
import { Sheet } from "../sphere/sheet.js"
import { ItemTip } from "../sphere/tip.js"

/** @import { Sent } from "../sphere/sheet.js" */
/** @typedef {Sent & {models: [number, number], items: number[], shares: [number, number][], flips: number,
 * of: number, passed: number}} Data the share of the pool, of 1, that scores lower than each item; the first so many
 * flip; both versions pass this share of the pool */

const EDGE = { left: 64, right: 22, top: 12, bottom: 44 } // CSS pixels
const NEAR = 14 // CSS pixels from the pointer to the item it means
const TICKS = [0, 0.25, 0.5, 0.75, 1]
/** @type {Record<string, [number, number]>} */
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

class Drift {
  setState = toNobody
  setTrigger = toNobody
  data = /** @type {Data} */ ({}) // before it is told
  places = new Places()
  /** The place of the item that is pointed at. @type {number | null} */
  cursor = null
  sheet = new Sheet(() => this.draw())

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.find = finder(parent)
    this.canvas = this.find("canvas", HTMLCanvasElement)
    this.tip = new ItemTip(this.find(".tip"), this.canvas, () => {})
    this.unwatch = watch(this.canvas, () => this.draw())
    this.canvas.addEventListener("pointermove", ({ offsetX, offsetY }) =>
      this.point(this.places.nearest([offsetX, offsetY], NEAR)),
    )
    for (const end of ["pointerleave", "blur"]) this.canvas.addEventListener(end, () => this.point(null))
    this.canvas.addEventListener("keydown", event => this.key(event))
  }

  stop() {
    this.unwatch()
  }

  /** @param {Data} data */
  take(data) {
    this.data = data
    this.cursor = null
    this.sheet.take(data)
    const { models: [first, second], items, flips, of } = data
    this.places.travel(new Float32Array(2 * items.length), { R: 1, reach: 1 })
    const some = items.length < of ? `The ${number(items.length)} of ${count(of, "image")} that moved most.` : ""
    this.find(".told").textContent = some
    name(this.canvas, `Percentiles by model ${first} and by model ${second}; ${count(flips, "verdict")} flip.`)
    this.draw()
  }

  /** @param {number | null} at */
  point(at) {
    if (at === this.cursor) return
    this.cursor = at
    this.draw()
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const way = WAYS[event.key]
    if (!way) return
    event.preventDefault()
    const next = this.places.next(this.cursor, way)
    if (next === null) return
    this.point(next)
    this.find(".live").textContent = this.words(next)
  }

  /** @param {number} at */
  words(at) {
    const { items, shares, models, flips } = this.data
    const [before, after] = shares[at].map(share => `${Math.round(100 * share)} %`)
    const flipped = at < flips ? ", its verdict flips" : ""
    return `Item ${number(items[at])}${flipped}: ${before} by model ${models[0]}, ${after} by model ${models[1]}.`
  }

  // -- drawing --------------------------------------------------------------------------------

  draw() {
    const size = this.data.items && fit(this.canvas)
    if (!size) return
    const { ratio, width, height } = size
    const [wide, high] = [width - EDGE.left - EDGE.right, height - EDGE.top - EDGE.bottom]
    const across = (/** @type {number} */ share) => EDGE.left + share * wide
    const up = (/** @type {number} */ share) => height - EDGE.bottom - share * high
    this.places.middle = [width / 2, height / 2]
    this.places.drawn.set(this.data.shares.flatMap(([x, y]) => [across(x), up(y)]))
    const pen = penOf(this.canvas)
    pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    pen.clearRect(0, 0, width, height)
    this.drawAxes(pen, across, up)
    this.drawMarks(pen)
    if (this.cursor === null) this.tip.hide()
    else this.tip.show(this.places.at(this.cursor), this.words(this.cursor), this.sheet.picture(this.cursor))
  }

  /** @param {CanvasRenderingContext2D} pen @param {(share: number) => number} across
   * @param {(share: number) => number} up */
  drawAxes(pen, across, up) {
    const style = getComputedStyle(this.canvas)
    const { passed, models: [first, second] } = this.data
    pen.font = `12px ${style.fontFamily}`
    pen.fillStyle = style.color
    pen.strokeStyle = style.getPropertyValue("--grid")
    pen.textAlign = "center"
    for (const tick of TICKS) pen.fillText(`${100 * tick} %`, across(tick), up(0) + 17)
    pen.fillText(`share of the pool that scores lower by model ${first}`, across(0.5), up(0) + 37)
    pen.textAlign = "right"
    for (const tick of TICKS) pen.fillText(`${100 * tick} %`, across(0) - 7, up(tick) + 4)
    pen.save()
    pen.translate(11, up(0.5))
    pen.rotate(-Math.PI / 2)
    pen.textAlign = "center"
    pen.fillText(`by model ${second}`, 0, 0)
    pen.restore()
    pen.setLineDash([])
    pen.strokeRect(across(0), up(1), across(1) - across(0), up(0) - up(1))
    pen.setLineDash([6, 4])
    pen.beginPath()
    for (const [from, to] of [[[0, 0], [1, 1]], [[passed, 0], [passed, 1]], [[0, passed], [1, passed]]]) {
      pen.moveTo(across(from[0]), up(from[1]))
      pen.lineTo(across(to[0]), up(to[1]))
    }
    pen.stroke()
    pen.setLineDash([])
  }

  /** The verdicts that flip lie above the others. @param {CanvasRenderingContext2D} pen */
  drawMarks(pen) {
    const style = getComputedStyle(this.canvas)
    const { items, flips } = this.data
    for (let at = items.length - 1; at >= 0; at--) {
      pen.save()
      pen.fillStyle = style.getPropertyValue(at < flips ? "--flipped" : "--quiet")
      fill(pen, at < flips ? "x-thin" : "dot", ...this.places.at(at), 4.2)
      pen.restore()
    }
    if (this.cursor === null) return
    pen.strokeStyle = style.color
    pen.lineWidth = 2
    pen.beginPath()
    pen.arc(...this.places.at(this.cursor), 8, 0, 7)
    pen.stroke()
    pen.lineWidth = 1
  }
}

export default mounting(parent => new Drift(parent))
