// Small line charts as SVG: drawn once, only the mark moves with the threshold.

import { make } from "../js/dom.js"
import { LETTERS, placed } from "./names.js"
import { Tip } from "./tip.js"

/** From 0 to 1 along both axes. @typedef {[x: number, y: number]} Place */
/** @typedef {{label: string, ticks: [place: number, text: string][]}} Axis */
/** @typedef {{kind: string, points: Place[]}} Area */
/** @typedef {{at: Place, score: number, words: string[]}} Target that the pointer finds */
/** A click on a target calls `look` with its score.
 * @typedef {{x: Axis, y: Axis, lines: (Area & {name: string})[], areas?: Area[], targets: Target[],
 * look: (score: number) => void}} Drawn */

const SVG = "http://www.w3.org/2000/svg"
const [WIDTH, HEIGHT] = [320, 220]
const SAMPLES = 80 // places of a line that a name keeps away from
const STRIDES = 60 // of an arrow key from one end to the other; with Shift it goes to the next target
/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -Infinity, End: Infinity }
const FRAME = { left: 46, right: 18, top: 10, bottom: 42 }

export class Chart {
  /** The place of the target that the keyboard has reached. @type {number | null} */
  reached = null

  /** @param {string} title @param {Drawn} drawn */
  constructor(title, { x, y, lines, areas = [], targets, look }) {
    this.title = title
    this.targets = targets.filter(({ at }) => at.every(Number.isFinite)).sort(leftFirst)
    this.look = look
    this.svg = made("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", tabindex: 0 })
    this.drawAxes(x, y)
    for (const { kind, points } of areas) this.add("polygon", { class: `band ${kind}`, points: joined(points) })
    for (const { kind, points } of lines) this.add("polyline", { class: `line ${kind}`, points: joined(points) })
    this.rule = this.add("line", { class: "rule", y1: up(0), y2: up(1) })
    this.dots = lines.map(({ kind }) => this.add("circle", { class: `dot ${kind}`, r: 4.5 }))
    this.ring = this.add("circle", { class: "ring", r: 7, visibility: "hidden" })
    this.said = make("p", { className: "unseen", role: "status" })
    this.element = make("figure", {}, make("figcaption", {}, title), this.svg, this.said)
    this.tip = new Tip(this.element)
    this.svg.addEventListener("pointermove", event => this.hover(event))
    this.svg.addEventListener("pointerleave", () => this.leave())
    this.svg.addEventListener("click", event => {
      const target = this.nearest(event)
      if (target) look(target.score)
    })
    this.svg.addEventListener("keydown", event => this.key(event))
    this.svg.addEventListener("blur", () => this.leave())
    if (lines.length > 1) this.nameLines(lines)
  }

  /** @param {Axis} x @param {Axis} y */
  drawAxes(x, y) {
    for (const [at, text] of x.ticks) {
      this.add("line", { class: "grid", x1: across(at), x2: across(at), y1: up(0), y2: up(1) })
      this.text(text, { x: across(at), y: up(0) + 14, "text-anchor": "middle" })
    }
    for (const [at, text] of y.ticks) {
      this.add("line", { class: "grid", x1: across(0), x2: across(1), y1: up(at), y2: up(at) })
      this.text(text, { x: across(0) - 5, y: up(at) + 4, "text-anchor": "end" })
    }
    this.text(x.label, { x: across(0.5), y: HEIGHT - 6, "text-anchor": "middle" })
    this.text(y.label, { transform: `translate(10 ${up(0.5)}) rotate(-90)`, "text-anchor": "middle" })
  }

  /** Write the name of each line beside it, where the others leave it room.
   * @param {(Area & {name: string})[]} lines */
  nameLines(lines) {
    const drawn = lines.map(({ points }) => sampled(points).map(([x, y]) => [across(x), up(y)]))
    for (const [at, { x, y, text }] of placed(lines.map(({ name }) => name), drawn).entries()) {
      this.text(text, { class: `name ${lines[at].kind}`, x, y: y + LETTERS.up })
    }
  }

  /** Put the marks where the threshold is: a place on each line, NaN for nowhere.
   * @param {Place[]} places @param {string} sentence */
  mark(places, sentence, ruled = false) {
    this.dots.forEach((dot, at) => {
      const [x, y] = places[at]
      put(dot, Number.isFinite(x) && Number.isFinite(y), { cx: across(x), cy: up(y) })
    })
    const [x] = places[0]
    put(this.rule, ruled && Number.isFinite(x), { x1: across(x), x2: across(x) })
    this.svg.setAttribute("aria-label", `${this.title}. ${sentence}`)
  }

  /** Say what is nearest to the pointer. @param {PointerEvent} event */
  hover(event) {
    const target = this.nearest(event)
    if (target) this.point(target)
  }

  /** Go from target to target, and look at the one that is reached. @param {KeyboardEvent} event */
  key(event) {
    const { targets, reached } = this
    if (event.key === "Enter" && reached !== null) this.look(targets[reached].score)
    else if (event.key in STEPS && targets.length) {
      const by = STEPS[event.key] * (event.shiftKey ? 1 : Math.ceil(targets.length / STRIDES))
      this.reached = Math.min(Math.max((reached ?? -1) + by, 0), targets.length - 1)
      this.point(targets[this.reached])
      this.said.textContent = targets[this.reached].words.join(". ")
    } else return
    event.preventDefault()
  }

  /** Ring a target and say what it is. @param {Target} target */
  point(target) {
    const [x, y] = [across(target.at[0]), up(target.at[1])]
    put(this.ring, true, { cx: x, cy: y })
    const [svg, figure] = [this.svg.getBoundingClientRect(), this.element.getBoundingClientRect()]
    const scale = svg.width / WIDTH
    this.tip.show(svg.left - figure.left + x * scale, svg.top - figure.top + y * scale, target.words)
  }

  leave() {
    put(this.ring, false, {})
    this.tip.hide()
  }

  /** @param {MouseEvent} event */
  nearest({ clientX, clientY }) {
    const { left, top, width } = this.svg.getBoundingClientRect()
    const [x, y] = [((clientX - left) * WIDTH) / width, ((clientY - top) * WIDTH) / width]
    const apart = (/** @type {Target} */ { at }) => Math.hypot(across(at[0]) - x, up(at[1]) - y)
    const [first, ...others] = this.targets
    return others.reduce((best, one) => (apart(best) <= apart(one) ? best : one), first) // or undefined
  }

  /** @param {string} name @param {Attributes} attributes */
  add(name, attributes) {
    const one = made(name, attributes)
    this.svg.append(one)
    return one
  }

  /** @param {string} words @param {Attributes} attributes */
  text(words, attributes) {
    this.add("text", attributes).textContent = words
  }
}

/** @param {Target} one @param {Target} other */
const leftFirst = ({ at: [x, y] }, { at: [u, v] }) => x - u || y - v

/** @typedef {Record<string, string | number>} Attributes */

/** @param {string} name @param {Attributes} attributes */
function made(name, attributes) {
  const one = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, String(value))
  return one
}

/** Show an element at a place, or hide it where there is none.
 * @param {Element} element @param {boolean} there @param {Attributes} place */
function put(element, there, place) {
  element.setAttribute("visibility", there ? "visible" : "hidden")
  if (there) for (const [key, value] of Object.entries(place)) element.setAttribute(key, String(value))
}

/** @param {number} place */
const across = place => FRAME.left + place * (WIDTH - FRAME.left - FRAME.right)
/** @param {number} place */
const up = place => HEIGHT - FRAME.bottom - place * (HEIGHT - FRAME.top - FRAME.bottom)
/** Few enough of the places of a line to look for room among them. @param {Place[]} points */
function sampled(points) {
  const finite = points.filter(place => place.every(Number.isFinite))
  const every = Math.ceil(finite.length / SAMPLES)
  return finite.filter((_, at) => at % every === 0)
}
/** @param {Place[]} points */
const joined = points =>
  points
    .filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y))
    .map(([x, y]) => `${across(x).toFixed(1)},${up(y).toFixed(1)}`)
    .join(" ")
