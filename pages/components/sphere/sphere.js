// The hypersphere on a canvas: items round its center at their true distance, the circle of its radius.

import { Raster, channels, watch } from "./canvas.js"
import { stamp } from "./marks.js"
import { Places } from "./places.js"

/** @import { Channels } from "./canvas.js" */
/** @import { Stamp } from "./marks.js" */
/** @import { Extent } from "./places.js" */
/** @typedef {{stamp: Stamp, colour: Channels}} Mark */
/** @typedef {typeof USUAL} Look */

const USUAL = {
  line: 1.75, // CSS pixels
  dash: /** @type {number[]} */ ([]),
  cross: "13px", // size of the center
  named: true, // whether R is written at the circle
  travel: 800, // ms to another version's places
  patience: Number.POSITIVE_INFINITY, // ms between two frames after which they are there at once
  ease: (/** @type {number} */ gone) => (gone < 0.5 ? 2 * gone ** 2 : 1 - 2 * (1 - gone) ** 2),
}

export class Sphere {
  places = new Places()
  frame = 0

  /** @param {HTMLCanvasElement} canvas @param {() => void} redraw @param {Partial<Look>} [look] */
  constructor(canvas, redraw, look = {}) {
    this.canvas = canvas
    this.redraw = redraw
    this.look = { ...USUAL, ...look }
    this.raster = new Raster(canvas)
    this.unwatch = watch(canvas, redraw)
  }

  stop() {
    cancelAnimationFrame(this.frame)
    this.unwatch()
  }

  /** Set off for the places of another version, or be there at once: see `Places.travel`.
   * @param {Float32Array} to @param {Extent} extent @param {Float32Array} [from] */
  travel(to, extent, from) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches
    this.places.travel(to, extent, still ? to : from)
    cancelAnimationFrame(this.frame)
    if (this.places.share === 1) this.redraw()
    else this.walk(performance.now())
  }

  /** @param {number} since @param {number} [before] the last frame */
  walk(since, before = since) {
    this.frame = requestAnimationFrame(now => {
      const { travel, patience, ease } = this.look
      const gone = now - before > patience ? 1 : Math.min(1, Math.max(0, (now - since) / travel))
      this.places.share = ease(gone)
      this.redraw()
      if (gone < 1) this.walk(since, now)
    })
  }

  /** Draw what `marks` puts on items, the circle, and above it, in the same ink, what `above` adds.
   * @param {() => void} marks @param {(pen: CanvasRenderingContext2D) => void} [above] */
  draw(marks, above = () => {}) {
    if (!this.raster.fit()) return
    const style = getComputedStyle(this.canvas)
    this.places.lay(this.raster.width, this.raster.height)
    this.raster.clear(channels(style.backgroundColor))
    marks()
    this.raster.show()
    this.drawCircle(style)
    this.raster.pen.strokeStyle = style.color
    above(this.raster.pen)
  }

  /** A mark to put on items. @param {string} shape @param {number} radius @param {string} colour */
  mark(shape, radius, colour) {
    return { stamp: stamp(shape, radius * this.raster.ratio), colour: channels(colour) }
  }

  /** @param {number} item @param {Mark} mark */
  put(item, { stamp, colour }) {
    const { drawn } = this.places
    this.raster.mark(stamp, drawn[2 * item], drawn[2 * item + 1], colour)
  }

  /** Draw a ring round an item. @param {number} item @param {number} radius */
  ring(item, radius) {
    const { pen } = this.raster
    pen.lineWidth = 2
    pen.beginPath()
    pen.arc(...this.places.at(item), radius, 0, 7)
    pen.stroke()
  }

  /** @param {CSSStyleDeclaration} style */
  drawCircle(style) {
    const { places, look, raster: { pen } } = this
    const [x, y] = places.middle
    const radius = places.scale * places.shown(places.radius)
    pen.strokeStyle = pen.fillStyle = style.color
    pen.lineWidth = look.line
    pen.setLineDash(look.dash)
    pen.beginPath()
    pen.arc(x, y, radius, 0, 7)
    pen.stroke()
    pen.setLineDash([])
    pen.font = `${look.cross} ${style.fontFamily}`
    pen.textAlign = "center"
    pen.lineWidth = 4
    pen.strokeStyle = style.backgroundColor // legible where items are close
    pen.textBaseline = "middle"
    /** @type {[string, number][]} */
    const texts = [["+", y]]
    if (look.named) texts.push([`R = ${places.radius.toPrecision(3)}`, Math.max(10, y - radius - 12)])
    for (const [text, at] of texts) {
      pen.strokeText(text, x, at)
      pen.fillText(text, x, at)
    }
  }
}
