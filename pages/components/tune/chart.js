// Small line charts as SVG: drawn once, only the mark moves with the threshold.

const SVG = "http://www.w3.org/2000/svg"
const [WIDTH, HEIGHT] = [320, 220]
const FRAME = { left: 46, right: 18, top: 10, bottom: 42 }

class Chart {
  /**
   * `x` and `y` are {label, ticks: [[place 0..1, text]]}; `lines` are {name, kind, points: [[x, y]]}
   * and `areas` {kind, points}, all in places from 0 to 1.
   */
  constructor(title, { x, y, lines, areas = [] }) {
    this.title = title
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
    this.element.append(caption, this.svg)
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
