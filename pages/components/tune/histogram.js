// The scores as bars, normal and anomalous, told apart by colour and by hatching. The bars of each
// group add up to the whole group: few images show as well as many.

import { name, penOf } from "../js/dom.js"
import { digits, number } from "../js/numbers.js"
import { fit, offscreen, watch } from "../sphere/canvas.js"

/** @import { ScoreAxis } from "./axis.js" */
/** @import { Group } from "./scores.js" */
/** @typedef {Record<Group | "text" | "grid", string>} Colours */
/** @typedef {Record<Group, ReturnType<typeof binned>>} Bars */

const BINS = 60
const MARGIN = { top: 30, bottom: 34 } // CSS pixels; the names of the groups stand above the bars
const [LEAST, APART] = [0.12, 0.26] // of the axis, from its end to the middle of a name, and between two
const EDGE = 14 // CSS pixels that a tick stays away from the ends
/** @type {Group[]} */
const GROUPS = ["normal", "anomalous"]

export class Histogram {
  /** @type {Bars & {axis: ScoreAxis} | undefined} */
  data

  /** @param {HTMLCanvasElement} canvas @param {() => Colours} colours */
  constructor(canvas, colours) {
    this.canvas = canvas
    this.pen = penOf(canvas)
    this.colours = colours
    this.stop = watch(canvas, () => this.draw())
  }

  /** @param {Record<Group, Float32Array>} scores @param {ScoreAxis} axis */
  take({ normal, anomalous }, axis) {
    this.data = { axis, normal: binned(normal, axis), anomalous: binned(anomalous, axis) }
    const said = `${number(normal.length)} normal and ${number(anomalous.length)} anomalous images by score`
    name(this.canvas, `Histogram of ${said}`)
    this.draw()
  }

  /** How many images the bars at a place from 0 to 1 stand for. @param {number} place */
  at(place) {
    const of = (/** @type {Group} */ group) => this.data?.[group].counts[binOf(place)] ?? 0
    return { normal: of("normal"), anomalous: of("anomalous") }
  }

  /** Where along the axis, from 0 to 1, the middle of each group is named, the names side by side. */
  get tops() {
    const of = (/** @type {Group} */ group) => middle(this.data?.[group].shares ?? [])
    const [normal, anomalous] = [of("normal"), of("anomalous")]
    const places = sideBySide(Math.min(normal, anomalous), Math.max(normal, anomalous))
    if (anomalous < normal) places.reverse()
    return { normal: places[0], anomalous: places[1] }
  }

  draw() {
    const size = this.data && fit(this.canvas)
    if (!this.data || !size) return
    const { pen } = this
    const { ratio, width, height } = size
    const colours = this.colours()
    pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    pen.clearRect(0, 0, width, height)
    this.drawBars(this.data, width, height - MARGIN.bottom, colours)
    this.drawAxis(this.data.axis, width, height - MARGIN.bottom, colours)
  }

  /** @param {Bars} bars @param {number} width @param {number} foot
   * @param {Colours} colours */
  drawBars(bars, width, foot, colours) {
    const { pen } = this
    const most = Math.max(1e-9, ...bars.normal.shares, ...bars.anomalous.shares)
    const bar = width / BINS
    const fills = { normal: colours.normal, anomalous: hatched(pen, colours.anomalous) }
    pen.globalAlpha = 0.75
    for (const group of GROUPS) {
      pen.fillStyle = fills[group]
      pen.strokeStyle = colours[group]
      for (const [at, share] of bars[group].shares.entries()) {
        if (!share) continue
        const tall = Math.max(1, (share / most) * (foot - MARGIN.top))
        pen.fillRect(at * bar + 0.5, foot - tall, bar - 1, tall)
        pen.strokeRect(at * bar + 0.5, foot - tall, bar - 1, tall)
      }
    }
    pen.globalAlpha = 1
  }

  /** @param {ScoreAxis} axis @param {number} width @param {number} foot @param {Colours} colours */
  drawAxis(axis, width, foot, { text, grid }) {
    const { pen } = this
    pen.strokeStyle = grid
    pen.beginPath()
    pen.moveTo(0, foot + 0.5)
    pen.lineTo(width, foot + 0.5)
    pen.stroke()
    pen.fillStyle = text
    pen.font = `12px ${getComputedStyle(this.canvas).fontFamily}`
    pen.textAlign = "center"
    for (const score of axis.ticks) {
      const x = axis.place(score) * width
      if (x > EDGE && x < width - EDGE) pen.fillText(digits(score), x, foot + 14)
    }
    pen.fillText("anomaly score (squared distance to the center)", width / 2, foot + 30)
  }
}

/** Two places that leave room for a name each, no nearer to the ends than a name is wide.
 * @param {number} left @param {number} right */
export function sideBySide(left, right) {
  const spare = Math.max(0, APART - (right - left)) / 2
  const first = Math.min(Math.max(left - spare, LEAST), 1 - LEAST - APART)
  return [first, Math.min(Math.max(right + spare, first + APART), 1 - LEAST)]
}

/** Where half of a group lies below, from 0 to 1. @param {number[]} shares of its bins */
export function middle(shares) {
  let below = 0
  const at = shares.findIndex(share => (below += share) >= 0.5)
  return at < 0 ? 0.5 : (at + 0.5) / BINS
}

/** @param {number} place from 0 to 1 */
const binOf = place => Math.min(BINS - 1, Math.floor(place * BINS))

/** How many of a group are in each bin, and which share of the group that is.
 * @param {Float32Array} scores @param {ScoreAxis} axis */
export function binned(scores, axis) {
  /** @type {number[]} */
  const counts = new Array(BINS).fill(0)
  for (const score of scores) counts[binOf(axis.place(score))] += 1
  return { counts, shares: counts.map(count => count / (scores.length || 1)) }
}

/** Strokes of a colour over a paler one. @param {CanvasRenderingContext2D} pen @param {string} colour */
function hatched(pen, colour) {
  const on = offscreen(8)
  on.fillStyle = on.strokeStyle = colour
  on.globalAlpha = 0.35
  on.fillRect(0, 0, 8, 8)
  on.globalAlpha = 1
  on.lineWidth = 2
  on.beginPath()
  for (const from of [-8, 0, 8]) {
    on.moveTo(from, 8)
    on.lineTo(from + 8, 0)
  }
  on.stroke()
  return /** @type {CanvasPattern} */ (pen.createPattern(on.canvas, "repeat"))
}
