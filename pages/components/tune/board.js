// The board of the Tune page: a threshold that is dragged, and all that follows it at once.

import { finder, make } from "../js/dom.js"
import { mounting, toNobody } from "../js/mounting.js"
import { digits, fixed, number, percent } from "../js/numbers.js"
import { question } from "../js/question.js"
import { line } from "../js/tab.js"
import { ScoreAxis } from "./axis.js"
import { Curves } from "./curves.js"
import { Histogram } from "./histogram.js"
import { Scores } from "./scores.js"
import { Tip } from "./tip.js"

/** @import { Data as Curved } from "./curves.js" */
/** @import { Cut, Group } from "./scores.js" */
/** `null` is undefined. @typedef {[low: number, high: number] | null} Range */
/** @typedef {Partial<Record<"recall" | "falsePositiveRate" | "precision" | "fBeta" | "cost", Range>>} Ranges */
/** `moved` says what put the threshold where it is, `terms` what figures mean, by their names.
 * @typedef {Curved & {key: string, moved: string, threshold: number,
 * cell: string | null, scores: Record<"normal" | "anomalous" | "pool", string>, ranges: Ranges,
 * terms: Record<string, string>}} Data */

const STEP = 1 / 500 // of the axis, for an arrow key
const STRIDE = 10 // steps with Shift or by page
const PAUSE = 350 // ms without another key after which the threshold stands
const SLACK = 4 // pixels that a click may move without being a drag
/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: STRIDE, PageDown: -STRIDE }
/** @type {Record<string, number>} */
const ENDS = { Home: 0, End: 1 }
/** @type {["trueNegative" | "falsePositive" | "falseNegative" | "truePositive", string, string, Group][]} */
const CELLS = [
  ["trueNegative", "passed", "rightly passed", "normal"],
  ["falsePositive", "false-alarm", "false alarms", "normal"],
  ["falseNegative", "missed", "missed", "anomalous"],
  ["truePositive", "caught", "caught", "anomalous"],
]

class Board {
  setState = toNobody
  setTrigger = toNobody
  /** The pointer that holds the line. @type {number | null} */
  dragging = null
  grasped = 0 // where, in CSS pixels
  pulled = false // whether it has moved the line
  /** @type {Data | undefined} */
  data
  scores = new Scores({ normal: "", anomalous: "", pool: "" })
  axis = new ScoreAxis(this.scores)
  threshold = 0
  /** What is on screen. @type {Cut | null} */
  drawn = null
  /** What explains a figure, by its name. @type {Map<string, HTMLElement>} */
  questions = new Map()
  frame = 0
  waiting = 0 // for another key

  /** @param {HTMLElement} root */
  constructor(root) {
    this.find = finder(root)
    this.buttons = root.querySelectorAll("button")
    this.plot = this.find(".plot")
    this.handle = this.find(".threshold")
    this.more = this.find(".more", HTMLDetailsElement)
    this.histogram = new Histogram(this.find("canvas", HTMLCanvasElement), () => colours(this.find(".tune")))
    this.tip = new Tip(this.plot)
    this.plot.addEventListener("pointerdown", event => this.grasp(event))
    this.plot.addEventListener("pointermove", event => this.drag(event))
    this.plot.addEventListener("pointerleave", () => this.tip.hide())
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
      this.plot.addEventListener(end, event => this.release(event))
    }
    this.handle.addEventListener("keydown", event => this.key(event))
    for (const button of this.buttons) button.addEventListener("click", () => this.open(button.dataset.cell))
  }

  stop() {
    clearTimeout(this.waiting)
    cancelAnimationFrame(this.frame)
    this.histogram.stop()
  }

  /** Ask for the images of a cell; the curves make room for them. @param {string | undefined} cell */
  open(cell) {
    this.more.open = false
    this.say("cell", cell)
  }

  /** Tell the server, unless the page is being left. @param {string} what @param {unknown} value */
  say(what, value) {
    line.say(`tune-${what}`, () => this.setTrigger(what, value), "tune")
  }

  /** @param {Data} data */
  take(data) {
    const old = this.data
    this.data = data
    if (data.key !== old?.key) this.fill(data)
    const busy = this.waiting || this.dragging !== null // then the threshold on screen is newer
    if (this.drawn === null || (data.moved !== old?.moved && !busy)) this.set(data.threshold)
    else this.figures(this.drawn, data)
    for (const button of this.buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.cell === data.cell))
    }
  }

  /** Draw all that the threshold does not move. @param {Data} data */
  fill(data) {
    this.scores = new Scores(data.scores)
    this.axis = new ScoreAxis(this.scores)
    this.questions = new Map(Object.entries(data.terms).map(([name, meaning]) => [name, question(name, meaning)]))
    this.histogram.take(this.scores, this.axis)
    this.curves = new Curves(this.scores, this.axis, data, score => this.look(score))
    this.find(".curves").replaceChildren(...this.curves.elements)
    const at = this.histogram.tops
    for (const group of /** @type {Group[]} */ (["normal", "anomalous"])) {
      this.find(`[data-count=${group}]`).textContent = number(this.scores[group].length)
      this.find(`.group.${group}`).style.left = `${100 * at[group]}%`
    }
    this.drawn = null
  }

  /** Ask for the images at a score. @param {number} score */
  look(score) {
    this.say("near", score)
  }

  /** @param {number} threshold */
  set(threshold) {
    this.threshold = threshold
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0
      if (this.data) this.draw(this.data)
    })
  }

  /** Let the threshold stand: the server computes how sure all this is, and the address keeps it. */
  commit() {
    clearTimeout(this.waiting)
    this.waiting = 0
    this.say("threshold", this.threshold)
  }

  // -- pointer and keys -----------------------------------------------------------------------

  /** @param {PointerEvent} event */
  grasp(event) {
    if (event.button !== 0) return
    this.plot.setPointerCapture(event.pointerId)
    this.dragging = event.pointerId
    this.grasped = event.clientX
    this.pulled = event.target instanceof Node && this.handle.contains(event.target)
    this.handle.focus({ preventScroll: true })
    event.preventDefault()
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const { left, top } = this.plot.getBoundingClientRect()
    const place = this.place(event)
    if (this.dragging === event.pointerId) {
      this.tip.hide()
      this.pulled ||= Math.abs(event.clientX - this.grasped) > SLACK
      if (this.pulled) this.set(this.axis.score(place))
    } else if (this.dragging === null && this.data) {
      this.tip.show(event.clientX - left, event.clientY - top, this.words(place, this.data))
    }
  }

  /** What is at a place of the axis. @param {number} place @param {Data} data */
  words(place, { worth }) {
    const score = this.axis.score(place)
    const { normal, anomalous } = this.histogram.at(place)
    return [
      `score ${digits(score)}, higher than ${percent(this.scores.at(score, worth).passed)} of the pool`,
      `these bars: ${number(normal)} normal, ${number(anomalous)} anomalous`,
    ]
  }

  /** @param {PointerEvent} event */
  release(event) {
    if (this.dragging !== event.pointerId) return
    this.dragging = null
    if (this.pulled) this.commit()
    else if (event.type === "pointerup") this.look(this.axis.score(this.place(event)))
  }

  /** Where a pointer is on the axis, from 0 to 1. @param {PointerEvent} event */
  place(event) {
    const { left, width } = this.plot.getBoundingClientRect()
    return Math.min(1, Math.max(0, (event.clientX - left) / width))
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === "Enter") this.look(this.threshold)
    const step = STEPS[event.key] * STEP * (event.shiftKey ? STRIDE : 1)
    const to = ENDS[event.key] ?? this.axis.place(this.threshold) + step
    if (Number.isNaN(to)) return // another key
    event.preventDefault()
    event.stopPropagation()
    this.set(this.axis.score(Math.min(1, Math.max(0, to))))
    clearTimeout(this.waiting)
    this.waiting = window.setTimeout(() => this.commit(), PAUSE)
  }

  // -- drawing --------------------------------------------------------------------------------

  /** @param {Data} data */
  draw(data) {
    const now = this.scores.at(this.threshold, data.worth)
    this.drawn = now
    const place = `${100 * this.axis.place(this.threshold)}%`
    this.handle.style.left = this.find(".flagged").style.left = place
    this.handle.setAttribute("aria-valuenow", (100 * now.passed).toFixed(1))
    const said = `recall ${percent(now.recall)}, false alarms ${percent(now.falsePositiveRate)}`
    this.handle.setAttribute("aria-valuetext", `score ${digits(now.threshold, 4)}: ${said}`)
    for (const [count, cell, words, group] of CELLS) {
      const known = this.scores[group].length
      const share = known ? `${percent(now[count] / known)} of ${group}` : "none is known"
      const inside = [make("b", {}, number(now[count])), words, make("small", {}, share)]
      this.find(`[data-cell=${cell}]`).replaceChildren(...inside)
    }
    this.figures(now, data)
    this.curves?.mark(now)
  }

  /** What the threshold is worth; how sure that is stands below once the server has said so.
   * @param {Cut} now @param {Data} data */
  figures(now, { threshold, worth, ranges }) {
    const sure = threshold === now.threshold ? ranges : {}
    const figures = [
      ["Recall", percent(now.recall), "of the anomalous", shares(sure.recall)],
      ["False alarms", percent(now.falsePositiveRate), "of the normal", shares(sure.falsePositiveRate)],
      ["Precision", percent(now.precision), `if ${percent(worth.prevalence)} are anomalous`, shares(sure.precision)],
      [`F${worth.beta}`, fixed(now.fBeta, 3), "", between(sure.fBeta, 3)],
      ["Expected cost", fixed(now.cost, 1), "per 1,000 images", between(sure.cost, 1)],
      ["Alerts in the pool", fixed(now.alerts, 1), "per 1,000 images", ""],
      ["Score", digits(now.threshold, 4), `above ${percent(now.passed)} of the pool`, ""],
    ]
    const filled = figures.map(([name, value, unit, range]) => {
      const said = make("dd", {}, value, make("small", {}, unit), make("small", { className: "range" }, range))
      return make("div", {}, make("dt", {}, name, this.questions.get(name) ?? ""), said)
    })
    this.find(".figures").replaceChildren(...filled)
  }
}

/** The colours of the theme on screen. @param {Element} element */
function colours(element) {
  const style = getComputedStyle(element)
  const of = (/** @type {string} */ name) => style.getPropertyValue(name).trim()
  return { normal: of("--normal"), anomalous: of("--anomalous"), text: style.color, grid: "rgba(124,135,155,0.5)" }
}

/** @param {Range | undefined} range */
const shares = range => (range ? `${(100 * range[0]).toFixed(1)} to ${percent(range[1])}` : "")
/** @param {Range | undefined} range @param {number} places */
const between = (range, places) => (range ? `${fixed(range[0], places)} to ${fixed(range[1], places)}` : "")

export default mounting(root => new Board(root))
