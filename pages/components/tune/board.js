// @ts-nocheck
// The board of the Tune page: a threshold that is dragged, and all that follows it at once.

import { line } from "../js/tab.js"
import { ScoreAxis, short } from "./axis.js"
import { Curves, percent } from "./curves.js"
import { Histogram } from "./histogram.js"
import { Scores } from "./scores.js"
import { Tip } from "./tip.js"

const STEP = 1 / 500 // of the axis, for an arrow key
const STRIDE = 10 // steps with Shift or by page
const PAUSE = 350 // ms without another key after which the threshold stands
const SLACK = 4 // pixels that a click may move without being a drag
const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: STRIDE, PageDown: -STRIDE }
const CELLS = {
  passed: ["trueNegative", "rightly passed", "normal"],
  "false-alarm": ["falsePositive", "false alarms", "normal"],
  missed: ["falseNegative", "missed", "anomalous"],
  caught: ["truePositive", "caught", "anomalous"],
}

class Board {
  constructor(root) {
    this.find = selector => root.querySelector(selector)
    this.root = root
    this.dragging = null // the pointer that holds the line
    this.plot = this.find(".plot")
    this.handle = this.find(".threshold")
    this.histogram = new Histogram(this.find("canvas"), () => colours(this.find(".tune")))
    this.tip = new Tip(this.plot)
    this.plot.addEventListener("pointerdown", event => this.grasp(event))
    this.plot.addEventListener("pointermove", event => this.drag(event))
    this.plot.addEventListener("pointerleave", () => this.tip.hide())
    for (const end of ["pointerup", "pointercancel"]) {
      this.plot.addEventListener(end, event => this.release(event))
    }
    this.handle.addEventListener("keydown", event => this.key(event))
    for (const button of root.querySelectorAll("button")) {
      button.addEventListener("click", () => this.open(button.dataset.cell))
    }
  }

  /** Ask for the images of a cell; the curves make room for them. */
  open(cell) {
    this.find(".more").open = false
    this.say("cell", cell)
  }

  /** Tell the server, unless the page is being left. */
  say(what, value) {
    line.say(`tune-${what}`, () => this.tell(what, value), "tune")
  }

  take(data) {
    if (data.key !== this.shown) {
      this.shown = data.key
      this.worth = data.worth
      this.scores = new Scores(data.scores)
      this.axis = new ScoreAxis(this.scores)
      this.histogram.take(this.scores, this.axis)
      this.curves = new Curves(this.scores, this.axis, data, score => this.look(score))
      this.find(".curves").replaceChildren(...this.curves.elements)
      for (const group of ["normal", "anomalous"]) {
        this.find(`[data-count=${group}]`).textContent = whole(this.scores[group].length)
      }
      this.drawn = null
    }
    this.ranges = { ...data.ranges, threshold: data.threshold }
    const busy = this.waiting || this.dragging !== null // then the threshold on screen is newer
    if (this.drawn === null || (data.moved !== this.moved && !busy)) this.set(data.threshold)
    else this.figures(this.drawn)
    this.moved = data.moved
    for (const button of this.root.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.cell === data.cell))
    }
  }

  /** Ask for the images at a score. */
  look(score) {
    this.say("near", score)
  }

  set(threshold) {
    this.threshold = threshold
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null
      this.draw()
    })
  }

  /** Let the threshold stand: the server computes how sure all this is, and the address keeps it. */
  commit() {
    clearTimeout(this.waiting)
    this.waiting = null
    this.say("threshold", this.threshold)
  }

  grasp(event) {
    if (event.button !== 0) return
    this.plot.setPointerCapture(event.pointerId)
    this.dragging = event.pointerId
    this.grasped = event.clientX
    this.pulled = this.handle.contains(event.target)
    this.handle.focus({ preventScroll: true })
    event.preventDefault()
  }

  drag(event) {
    const { left, top } = this.plot.getBoundingClientRect()
    const place = this.place(event)
    if (this.dragging === event.pointerId) {
      this.tip.hide()
      this.pulled ||= Math.abs(event.clientX - this.grasped) > SLACK
      if (this.pulled) this.set(this.axis.score(place))
    } else if (this.dragging === null) {
      this.tip.show(event.clientX - left, event.clientY - top, this.words(place))
    }
  }

  /** What is at a place of the axis. */
  words(place) {
    const score = this.axis.score(place)
    const { normal, anomalous } = this.histogram.at(place)
    return [
      `score ${short(score)}, higher than ${percent(this.scores.at(score, this.worth).passed)} of the pool`,
      `these bars: ${whole(normal)} normal, ${whole(anomalous)} anomalous`,
    ]
  }

  release(event) {
    if (this.dragging !== event.pointerId) return
    this.dragging = null
    if (this.pulled) this.commit()
    else if (event.type === "pointerup") this.look(this.axis.score(this.place(event)))
  }

  /** Where a pointer is on the axis, from 0 to 1. */
  place(event) {
    const { left, width } = this.plot.getBoundingClientRect()
    return Math.min(1, Math.max(0, (event.clientX - left) / width))
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === "Enter") this.look(this.threshold)
    const place = this.axis.place(this.threshold)
    const step = STEPS[event.key] * STEP * (event.shiftKey ? STRIDE : 1)
    const to = { Home: 0, End: 1 }[event.key] ?? place + step
    if (Number.isNaN(to)) return
    event.preventDefault()
    event.stopPropagation()
    this.set(this.axis.score(Math.min(1, Math.max(0, to))))
    clearTimeout(this.waiting)
    this.waiting = setTimeout(() => this.commit(), PAUSE)
  }

  draw() {
    const now = this.scores.at(this.threshold, this.worth)
    this.drawn = now
    const place = this.axis.place(this.threshold)
    this.handle.style.left = `${100 * place}%`
    this.find(".flagged").style.left = `${100 * place}%`
    this.handle.setAttribute("aria-valuenow", (100 * now.passed).toFixed(1))
    const said = `score ${exact(now.threshold)}: recall ${percent(now.recall)}, false alarms ${percent(now.falsePositiveRate)}`
    this.handle.setAttribute("aria-valuetext", said)
    for (const [cell, [name, words, group]] of Object.entries(CELLS)) {
      const share = percent(now[name] / this.scores[group].length)
      const button = this.find(`[data-cell=${cell}]`)
      button.innerHTML = `<b>${whole(now[name])}</b>${words}<small>${share} of ${group}</small>`
    }
    this.figures(now)
    this.curves.mark(now)
  }

  /** What the threshold is worth; how sure that is stands below once the server has said so. */
  figures(now) {
    const { prevalence, beta } = this.worth
    const sure = this.ranges.threshold === now.threshold ? this.ranges : {}
    const figures = [
      ["Recall", percent(now.recall), "of the anomalous", shares(sure.recall)],
      ["False alarms", percent(now.falsePositiveRate), "of the normal", shares(sure.falsePositiveRate)],
      ["Precision", percent(now.precision), `if ${percent(prevalence)} are anomalous`, shares(sure.precision)],
      [`F${beta}`, number(now.fBeta, 3), "", between(sure.fBeta, 3)],
      ["Expected cost", number(now.cost, 1), "per 1,000 images", between(sure.cost, 1)],
      ["Alerts in the pool", number(now.alerts, 1), "per 1,000 images", ""],
      ["Score", exact(now.threshold), `above ${percent(now.passed)} of the pool`, ""],
    ]
    const filled = figures.map(
      ([name, value, unit, range]) =>
        `<div><dt>${name}</dt><dd>${value}<small>${unit}</small><small class="range">${range}</small></dd></div>`,
    )
    this.find(".figures").innerHTML = filled.join("")
  }
}

/** The colours of the theme on screen. */
function colours(element) {
  const style = getComputedStyle(element)
  const of = name => style.getPropertyValue(name).trim()
  return { normal: of("--normal"), anomalous: of("--anomalous"), text: style.color, grid: "rgba(124,135,155,0.5)" }
}

const exact = score => Number(score.toPrecision(4)).toString()
const between = (range, digits) =>
  range ? `${number(range[0], digits)} to ${number(range[1], digits)}` : ""
const shares = range => (range ? `${(100 * range[0]).toFixed(1)} to ${percent(range[1])}` : "")
const whole = value => value.toLocaleString("en-US")
const number = (value, digits) =>
  Number.isFinite(value)
    ? value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })
    : "undefined"

export default function mountBoard({ data, parentElement, setTriggerValue }) {
  const board = (parentElement.ringfenceBoard ??= new Board(parentElement))
  board.tell = setTriggerValue
  if (data) board.take(data)
  return () => {
    clearTimeout(board.waiting)
    board.histogram.stop()
    delete parentElement.ringfenceBoard
  }
}
