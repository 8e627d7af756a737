// The hypersphere on a canvas: items around its center, the circle of its radius, rings that say how far.

import { Raster, channels, watch } from "./canvas.js"
import { Crowd } from "./crowd.js"
import { stamp } from "./marks.js"
import { Places } from "./places.js"
import { drawRings, drawSphere, text } from "./rings.js"

/** @import { Channels } from "./canvas.js" */
/** @import { Stamp } from "./marks.js" */
/** @import { Point } from "./places.js" */
/** @import { Extent } from "./scale.js" */
/** @typedef {{stamp: Stamp, colour: Channels}} Mark */
/** @typedef {typeof USUAL} Look */

const USUAL = {
  line: 1.75, // CSS pixels
  dash: /** @type {number[]} */ ([]),
  cross: "13px", // size of the center
  named: true, // whether R is written at the circle
}
const TRAVEL = 1600 // ms to another version's places: slowly enough to see
const SPARED = 1 // times that a frame took, left to others before the next one: keys come first
const SPARE = 34 // ms: two frames
const LIGHT = 6 // ms of a frame that needs no such pause

/** In and out slowly. @param {number} gone 0 to 1 */
const ease = gone => (gone < 0.5 ? 2 * gone ** 2 : 1 - 2 * (1 - gone) ** 2)

export class Sphere {
  places = new Places()
  crowd = new Crowd()
  /** @type {number | null} */
  line = null // a distance whose circle is drawn instead of that of R
  frame = 0
  spared = 0 // until when frames are somebody else's
  /** @type {CSSStyleDeclaration | null} */
  style = null

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
    this.places.travel(to, extent, from)
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.places.share = 1
    cancelAnimationFrame(this.frame)
    if (this.places.share === 1) this.redraw()
    else this.walk(performance.now())
  }

  /** @param {number} since @param {number} [rest] until when nothing is drawn */
  walk(since, rest = 0) {
    this.frame = requestAnimationFrame(now => {
      const gone = Math.min(1, Math.max(0, (now - since) / TRAVEL))
      if (gone < 1 && now < Math.max(rest, this.spared)) return this.walk(since, rest)
      this.places.share = ease(gone)
      const began = performance.now()
      this.redraw()
      const ended = performance.now()
      const pause = ended - began > LIGHT ? SPARED * (ended - began) : 0
      if (gone < 1) this.walk(since, ended + pause)
    })
  }

  /** Leave the next frames to what a person has just asked for. */
  spare() {
    this.spared = performance.now() + SPARE
  }

  /** Draw what `marks` puts on items, the circles, and above it, in the same ink, what `above` adds.
   * @param {() => void} marks @param {(pen: CanvasRenderingContext2D) => void} [above] */
  draw(marks, above = () => {}) {
    if (!this.raster.fit()) return
    const { raster, places, look, line } = this
    const style = (this.style = getComputedStyle(this.canvas))
    places.lay(raster.width, raster.height)
    raster.clear(channels(style.backgroundColor))
    marks()
    raster.show()
    drawRings(raster.pen, places, style, line)
    drawSphere(raster.pen, places, style, look, line)
    raster.pen.strokeStyle = style.color
    above(raster.pen)
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

  /** Put a mark on all items of a kind, as shades where they are too many; below all other marks.
   * @param {(item: number) => boolean} among @param {Mark} mark */
  putAll(among, mark) {
    return this.crowd.draw(this.raster, this.places.drawn, among, mark)
  }

  /** Draw a ring around an item. @param {number} item @param {number} radius */
  ring(item, radius) {
    const { pen } = this.raster
    pen.lineWidth = 2
    pen.beginPath()
    pen.arc(...this.places.at(item), radius, 0, 7)
    pen.stroke()
  }

  /** Draw what finds an item at once: a ring with four strokes that point at it, of a colour.
   * @param {number} item @param {string} colour */
  target(item, colour) {
    const { pen } = this.raster
    const [x, y] = this.places.at(item)
    pen.save()
    for (const [width, ink] of /** @type {const} */ ([[5, this.style?.backgroundColor], [2.5, colour]])) {
      pen.lineWidth = width
      pen.strokeStyle = ink ?? colour
      pen.beginPath()
      pen.arc(x, y, 9, 0, 7)
      for (const [right, down] of [[1, 0], [0, 1], [-1, 0], [0, -1]]) {
        pen.moveTo(x + 13 * right, y + 13 * down)
        pen.lineTo(x + 21 * right, y + 21 * down)
      }
      pen.stroke()
    }
    pen.restore()
  }

  /** Draw a letter in a disc at a place of the plane. @param {Point} place @param {string} letter */
  letter(place, letter) {
    if (!this.style) return
    const { pen } = this.raster
    const [x, y] = this.places.spot(place)
    pen.fillStyle = this.style.backgroundColor
    pen.lineWidth = 2
    pen.beginPath()
    pen.arc(x, y, 10, 0, 7)
    pen.fill()
    pen.stroke()
    pen.font = `700 12px ${this.style.fontFamily}`
    text(pen, this.style, letter, x, y + 0.5)
  }

  /** Write beside an item. @param {number} item @param {string} words */
  note(item, words) {
    if (!this.style) return
    const { pen } = this.raster
    const [x, y] = this.places.at(item)
    pen.font = `600 11px ${this.style.fontFamily}`
    text(pen, this.style, words, x + 9, y - 8)
  }
}
