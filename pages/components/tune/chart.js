// @ts-nocheck
// Small line charts as SVG: drawn once, only the mark moves with the threshold.

import { Tip } from "./tip.js"

const SVG = "http://www.w3.org/2000/svg"
const [WIDTH, HEIGHT] = [320, 220]
const FRAME = { left: 46, right: 18, top: 10, bottom: 42 }

export class Chart {
  /**
   * `x` and `y` are {label, ticks: [[place 0..1, text]]}; `lines` are {name, kind, points: [[x, y]]}
   * and `areas` {kind, points}, all in places from 0 to 1. `targets` are {at: [x, y], score, words},
   * what the pointer finds; a click on one calls `look` with its score.
   */
  constructor(title, { x, y, lines, areas = [], targets, look }) {
    this.title = title
    this.targets = targets.filter(({ at }) => at.every(Number.isFinite))
    this.element = document.createElement("figure")
    const caption = document.createElement("figcaption")
    caption.textContent = title
    this.svg = made("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" })
    for (const [at, text] of x.ticks) {
      this.add("line", { class: "grid", x1: across(at), x2: across(at), y1: up(0), y2: up(1) })
      this.text(text, { x: across(at), y: up(0) + 14, "text-anchor": "middle" })
    }
    for (const [at, text] of y.ticks) {
      this.add("line", { class: "grid", x1: across(0), x2: across(1), y1: up(at), y2: up(at) })
      this.text(text, { x: across(0) - 5, y: up(at) + 4, "text-anchor": "end" })
    }
    this.text(x.label, { x: across(0.5), y: HEIGHT - 6, "text-anchor": "middle" })
    const turned = `translate(10 ${up(0.5)}) rotate(-90)`
    this.text(y.label, { transform: turned, "text-anchor": "middle" })
    for (const { kind, points } of areas) {
      this.add("polygon", { class: `band ${kind}`, points: joined(points) })
    }
    for (const { kind, points } of lines) {
      this.add("polyline", { class: `line ${kind}`, points: joined(points) })
    }
    this.rule = this.add("line", { class: "rule", y1: up(0), y2: up(1) })
    this.dots = lines.map(({ kind }) => this.add("circle", { class: `dot ${kind}`, r: 4.5 }))
    this.ring = this.add("circle", { class: "ring", r: 7, visibility: "hidden" })
    this.element.append(caption, this.svg)
    this.tip = new Tip(this.element)
    this.svg.addEventListener("pointermove", event => this.hover(event))
    this.svg.addEventListener("pointerleave", () => this.leave())
    this.svg.addEventListener("click", event => {
      const target = this.nearest(event)
      if (target) look(target.score)
    })
    if (lines.length > 1) this.element.append(legend(lines))
  }

  /** Put the marks where the threshold is: a place on each line, NaN for nowhere. */
  mark(places, sentence, ruled = false) {
    this.dots.forEach((dot, at) => {
      const [x, y] = places[at]
      const there = Number.isFinite(x) && Number.isFinite(y)
      dot.setAttribute("visibility", there ? "visible" : "hidden")
      if (!there) return
      dot.setAttribute("cx", across(x))
      dot.setAttribute("cy", up(y))
    })
    const x = places[0]?.[0]
    this.rule.setAttribute("visibility", ruled && Number.isFinite(x) ? "visible" : "hidden")
    if (ruled && Number.isFinite(x)) {
      this.rule.setAttribute("x1", across(x))
      this.rule.setAttribute("x2", across(x))
    }
    this.svg.setAttribute("aria-label", `${this.title}. ${sentence}`)
  }

  /** Say what is nearest to the pointer. */
  hover(event) {
    const target = this.nearest(event)
    if (!target) return
    const [x, y] = [across(target.at[0]), up(target.at[1])]
    this.ring.setAttribute("cx", x)
    this.ring.setAttribute("cy", y)
    this.ring.setAttribute("visibility", "visible")
    const [svg, figure] = [this.svg.getBoundingClientRect(), this.element.getBoundingClientRect()]
    const scale = svg.width / WIDTH
    this.tip.show(svg.left - figure.left + x * scale, svg.top - figure.top + y * scale, target.words)
  }

  leave() {
    this.ring.setAttribute("visibility", "hidden")
    this.tip.hide()
  }

  nearest({ clientX, clientY }) {
    const { left, top, width } = this.svg.getBoundingClientRect()
    const [x, y] = [((clientX - left) * WIDTH) / width, ((clientY - top) * WIDTH) / width]
    const apart = ({ at }) => Math.hypot(across(at[0]) - x, up(at[1]) - y)
    return this.targets.reduce((best, one) => (best && apart(best) <= apart(one) ? best : one), null)
  }

  add(name, attributes) {
    const one = made(name, attributes)
    this.svg.append(one)
    return one
  }

  text(words, attributes) {
    this.add("text", attributes).textContent = words
  }
}

function legend(lines) {
  const list = document.createElement("ul")
  for (const { name, kind } of lines) {
    const entry = document.createElement("li")
    const sample = made("svg", { viewBox: "0 0 26 8", class: "sample", "aria-hidden": "true" })
    sample.append(made("line", { class: `line ${kind}`, x1: 0, x2: 26, y1: 4, y2: 4 }))
    entry.append(sample, name)
    list.append(entry)
  }
  return list
}

function made(name, attributes) {
  const one = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value)
  return one
}

const across = place => FRAME.left + place * (WIDTH - FRAME.left - FRAME.right)
const up = place => HEIGHT - FRAME.bottom - place * (HEIGHT - FRAME.top - FRAME.bottom)
const joined = points =>
  points
    .filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y))
    .map(([x, y]) => `${across(x).toFixed(1)},${up(y).toFixed(1)}`)
    .join(" ")
