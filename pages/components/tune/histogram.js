// @ts-nocheck
// The scores as bars, normal and anomalous, told apart by colour and by hatching. The bars of each
// group add up to the whole group: few images show as well as many.

import { short } from "./axis.js"

const BINS = 60
const MARGIN = { top: 8, bottom: 34 } // CSS pixels

export class Histogram {
  constructor(canvas, colours) {
    this.canvas = canvas
    this.colours = colours
    const resized = new ResizeObserver(() => this.draw())
    const theme = matchMedia("(prefers-color-scheme: dark)")
    const redraw = () => this.draw()
    resized.observe(canvas)
    theme.addEventListener("change", redraw)
    this.stop = () => {
      resized.disconnect()
      theme.removeEventListener("change", redraw)
    }
  }

  take(scores, axis) {
    this.axis = axis
    this.counts = { normal: counted(scores.normal, axis), anomalous: counted(scores.anomalous, axis) }
    this.shares = {
      normal: this.counts.normal.map(count => count / scores.normal.length),
      anomalous: this.counts.anomalous.map(count => count / scores.anomalous.length),
    }
    const { normal, anomalous } = scores
    const said = `${normal.length.toLocaleString("en-US")} normal and ${anomalous.length.toLocaleString("en-US")} anomalous images by score`
    this.canvas.setAttribute("aria-label", `Histogram of ${said}`)
    this.draw()
  }

  /** How many images the bars at a place from 0 to 1 stand for. */
  at(place) {
    const bin = Math.min(BINS - 1, Math.floor(place * BINS))
    return { normal: this.counts.normal[bin], anomalous: this.counts.anomalous[bin] }
  }

  draw() {
    if (!this.shares) return
    const ratio = devicePixelRatio || 1
    const { clientWidth: width, clientHeight: height } = this.canvas
    this.canvas.width = width * ratio
    this.canvas.height = height * ratio
    const to = this.canvas.getContext("2d")
    to.scale(ratio, ratio)
    const most = Math.max(1e-9, ...this.shares.normal, ...this.shares.anomalous)
    const [foot, reach] = [height - MARGIN.bottom, height - MARGIN.bottom - MARGIN.top]
    const { normal, anomalous, text, grid } = this.colours()
    const bar = width / BINS
    const fills = { normal, anomalous: hatched(to, anomalous) }
    for (const [name, shares] of Object.entries(this.shares)) {
      to.fillStyle = fills[name]
      to.strokeStyle = name === "normal" ? normal : anomalous
      to.globalAlpha = 0.75
      shares.forEach((share, at) => {
        if (!share) return
        const tall = Math.max(1, (share / most) * reach)
        to.fillRect(at * bar + 0.5, foot - tall, bar - 1, tall)
        to.strokeRect(at * bar + 0.5, foot - tall, bar - 1, tall)
      })
    }
    to.globalAlpha = 1
    to.strokeStyle = grid
    to.beginPath()
    to.moveTo(0, foot + 0.5)
    to.lineTo(width, foot + 0.5)
    to.stroke()
    to.fillStyle = text
    to.font = `12px ${getComputedStyle(this.canvas).fontFamily}`
    to.textAlign = "center"
    for (const score of this.axis.ticks) {
      const x = this.axis.place(score) * width
      if (x > 14 && x < width - 14) to.fillText(short(score), x, foot + 14)
    }
    to.fillText("anomaly score (squared distance to the center)", width / 2, foot + 30)
  }
}

/** How many of a group are in each bin. */
function counted(scores, axis) {
  const counts = new Array(BINS).fill(0)
  for (const score of scores) counts[Math.min(BINS - 1, Math.floor(axis.place(score) * BINS))] += 1
  return counts
}

function hatched(to, colour) {
  const tile = document.createElement("canvas")
  tile.width = tile.height = 8
  const on = tile.getContext("2d")
  on.fillStyle = colour
  on.globalAlpha = 0.35
  on.fillRect(0, 0, 8, 8)
  on.globalAlpha = 1
  on.strokeStyle = colour
  on.lineWidth = 2
  on.beginPath()
  for (const from of [-8, 0, 8]) {
    on.moveTo(from, 8)
    on.lineTo(from + 8, 0)
  }
  on.stroke()
  return to.createPattern(tile, "repeat")
}
