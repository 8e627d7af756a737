// A board of images on one canvas: how it is drawn, and what a pointer means on it.

import { draw } from "../desk/album.js"
import { COLOURS } from "../js/colours.js"
import { make, penOf } from "../js/dom.js"
import { number } from "../js/numbers.js"
import { CAPTION, FRAME, Layout } from "./layout.js"

/** @import { Point } from "./layout.js" */
/** @import { Selection } from "./selection.js" */

/** @typedef {{item: number, image: ImageData | undefined, photo?: HTMLImageElement, mark: string | undefined, taken: boolean}} Cell */
/** @typedef {{text: string, accent: string, paper: string, soft: string, font: string}} Theme */
/** Hears of a click or tap on a place, null between the images, or of the places in a lasso.
 * @typedef {{
 *   click: (place: number | null, event: PointerEvent) => void,
 *   tap: (place: number | null) => void,
 *   lasso: (places: number[], event: PointerEvent, drawn: boolean) => void,
 * }} Pick */

const DRAG = 6 // CSS pixels that a pointer moves before it draws a lasso

export class Board {
  /** @param {HTMLCanvasElement} canvas @param {Selection} selection @param {Pick} pick */
  constructor(canvas, selection, pick) {
    this.canvas = canvas
    this.pen = penOf(canvas)
    this.selection = selection
    this.pick = pick
    this.layout = new Layout(0, 28, 0, 0)
    /** @type {Theme} */
    this.theme = { text: "", accent: "", paper: "", soft: "", font: "" }
    /** @type {{id: number, line: Point[], drawn: boolean} | null} */
    this.lasso = null // that is being drawn
    /** @type {WeakMap<ImageData | HTMLImageElement, HTMLCanvasElement>} */
    this.sprites = new WeakMap()
    canvas.addEventListener("pointerdown", event => this.press(event))
    canvas.addEventListener("pointermove", event => this.drag(event))
    canvas.addEventListener("pointerup", event => this.release(event))
    canvas.addEventListener("pointercancel", () => this.forget())
  }

  // -- drawing -------------------------------------------------------------------------------

  /** @param {Cell[]} cells @param {number} room CSS pixels across @param {number} height */
  draw(cells, room, height) {
    const image = cells.find(cell => cell.image)?.image
    this.layout = new Layout(cells.length, Math.max(image?.width ?? 28, image?.height ?? 28), room, height)
    const [width, tall] = this.layout.size
    const { canvas, pen } = this
    const ratio = window.devicePixelRatio || 1
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio)
    if (canvas.height !== Math.round(tall * ratio)) canvas.height = Math.round(tall * ratio)
    Object.assign(canvas.style, { width: `${width}px`, height: `${tall}px` })
    pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    pen.clearRect(0, 0, width, tall)
    this.theme = themeOf(canvas)
    for (const [place, cell] of cells.entries()) this.drawCell(cell, place)
    if (this.lasso?.drawn) this.drawLasso(this.lasso.line)
  }

  /** @param {Cell} cell @param {number} place */
  drawCell(cell, place) {
    const { pen, theme } = this
    const { frame } = this.layout
    const [left, top] = this.layout.corner(place)
    if (this.selection.places.has(place)) {
      pen.globalAlpha = 0.3
      pen.fillStyle = theme.accent
      this.box(left - 3, top - 3, frame + 6, frame + CAPTION + 3, 10).fill()
    }
    pen.globalAlpha = 1
    pen.fillStyle = COLOURS[cell.mark ?? ""] ?? theme.soft
    this.box(left, top, frame, frame, 8).fill()
    pen.globalAlpha = cell.taken ? 0.25 : 1
    this.drawImage(cell.photo ?? cell.image, left + FRAME, top + FRAME)
    pen.globalAlpha = 1
    if (place === this.selection.cursor) {
      pen.lineWidth = 2
      pen.strokeStyle = theme.text
      this.box(left - 2, top - 2, frame + 4, frame + 4, 10).stroke()
    }
    const badge = cell.taken ? "taken" : cell.mark
    if (badge) this.drawBadge(badge, left + frame - 12, top + frame - 12)
    pen.fillStyle = theme.text
    pen.globalAlpha = 0.75
    this.write(cell.taken ? "answered" : number(cell.item), "11px", left + frame / 2, top + frame + CAPTION / 2 + 1.5)
    pen.globalAlpha = 1
  }

  /** A box with round corners, as the path of the pen.
   * @param {number} left @param {number} top @param {number} width @param {number} height @param {number} radius */
  box(left, top, width, height, radius) {
    this.pen.beginPath()
    this.pen.roundRect(left, top, width, height, radius)
    return this.pen
  }

  /** @param {string} text @param {string} size @param {number} x @param {number} y */
  write(text, size, x, y) {
    this.pen.font = `${size} ${this.theme.font}`
    this.pen.textAlign = "center"
    this.pen.textBaseline = "middle"
    this.pen.fillText(text, x, y)
  }

  /** @param {ImageData | HTMLImageElement | undefined} image @param {number} left @param {number} top */
  drawImage(image, left, top) {
    const { pen } = this
    const { side } = this.layout
    pen.fillStyle = "#000"
    pen.fillRect(left, top, side, side)
    if (!image) return
    const times = side / Math.max(image.width, image.height)
    const [width, height] = [image.width * times, image.height * times]
    pen.imageSmoothingEnabled = times < 1 || image instanceof HTMLImageElement
    pen.drawImage(this.sprite(image), left + (side - width) / 2, top + (side - height) / 2, width, height)
  }

  /** @param {ImageData | HTMLImageElement} image */
  sprite(image) {
    const known = this.sprites.get(image)
    if (known) return known
    const made = make("canvas")
    draw(made, image)
    this.sprites.set(image, made)
    return made
  }

  /** A disc with the sign of a mark: each has its own shape, not only its own colour.
   * @param {string} mark @param {number} x @param {number} y */
  drawBadge(mark, x, y) {
    const { pen, theme } = this
    pen.beginPath()
    pen.arc(x, y, 11, 0, 2 * Math.PI)
    pen.fillStyle = theme.paper
    pen.fill()
    pen.strokeStyle = pen.fillStyle = COLOURS[mark] ?? theme.text
    pen.lineWidth = 2.5
    pen.beginPath()
    if (mark === "normal") {
      pen.arc(x, y, 5, 0, 2 * Math.PI)
      pen.fill()
    } else if (mark === "anomalous") {
      for (const dy of [5, -5]) {
        pen.moveTo(x - 5, y - dy)
        pen.lineTo(x + 5, y + dy)
      }
      pen.stroke()
    } else this.write(mark === "unsure" ? "?" : "–", "700 15px", x, y + 1)
  }

  /** @param {Point[]} line */
  drawLasso(line) {
    const { pen, theme } = this
    pen.beginPath()
    for (const [x, y] of line) pen.lineTo(x, y)
    pen.closePath()
    pen.globalAlpha = 0.15
    pen.fillStyle = pen.strokeStyle = theme.accent
    pen.fill()
    pen.globalAlpha = 1
    pen.lineWidth = 2
    pen.setLineDash([6, 4])
    pen.stroke()
    pen.setLineDash([])
  }

  // -- pointers ------------------------------------------------------------------------------

  /** @param {PointerEvent} event @returns {Point} */
  at({ clientX, clientY }) {
    const { left, top } = this.canvas.getBoundingClientRect()
    return [clientX - left, clientY - top]
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (event.button !== 0 || this.lasso) return
    this.lasso = { id: event.pointerId, line: [this.at(event)], drawn: false }
    if (event.pointerType !== "touch") this.canvas.setPointerCapture(event.pointerId)
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const { lasso } = this
    if (lasso?.id !== event.pointerId) return
    const [x, y] = this.at(event)
    const [from] = lasso.line
    const far = Math.hypot(x - from[0], y - from[1]) > DRAG
    if (event.pointerType === "touch") {
      if (far) this.forget() // a finger that scrolls
      return
    }
    lasso.drawn ||= far
    lasso.line.push([x, y])
    if (lasso.drawn) this.pick.lasso(this.layout.inside(lasso.line), event, false)
  }

  /** @param {PointerEvent} event */
  release(event) {
    const { lasso } = this
    if (lasso?.id !== event.pointerId) return
    this.lasso = null
    if (lasso.drawn) this.pick.lasso(this.layout.inside(lasso.line), event, true)
    else if (event.pointerType === "touch") this.pick.tap(this.layout.under(lasso.line[0]))
    else this.pick.click(this.layout.under(lasso.line[0]), event)
  }

  forget() {
    this.lasso = null
  }
}

/** The colours and letters of the theme on screen.
 * @param {HTMLElement} element @returns {Theme} */
function themeOf(element) {
  const style = getComputedStyle(element)
  return {
    text: style.color,
    accent: style.getPropertyValue("--st-primary-color") || "#2456d6",
    paper: style.getPropertyValue("--st-background-color") || "#ffffff",
    soft: style.getPropertyValue("--st-secondary-background-color") || "#f3f5f9",
    font: style.fontFamily,
  }
}
