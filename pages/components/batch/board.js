// @ts-nocheck
// A board of images on one canvas: where each lies, how it is drawn, what a pointer means on it.

import { draw } from "../js/codec.js"
import { number } from "../js/numbers.js"

const MARKS = { normal: "#2f74d0", anomalous: "#e0700a", unsure: "#7c879b" }
const FRAME = 5 // CSS pixels round an image, in the colour of its mark
const BETWEEN = 8
const EDGE = 5 // round the board, for what is drawn round a frame
const CAPTION = 18 // below each image, for its number
const LEAST = 52 // CSS pixels a side, so that a finger hits one
const MOST = 120
const DRAG = 6 // CSS pixels that a pointer moves before it draws a lasso

export class Board {
  /** `pick(what, place, event)` hears of a click, a tap, a range or a lasso's places. */
  constructor(canvas, pick) {
    this.canvas = canvas
    this.pick = pick
    this.cells = [] // {item, image, mark, taken}
    this.cursor = 0
    this.selected = new Set()
    this.lasso = null // the points of one that is being drawn
    this.sprites = new WeakMap()
    canvas.addEventListener("pointerdown", event => this.press(event))
    canvas.addEventListener("pointermove", event => this.drag(event))
    canvas.addEventListener("pointerup", event => this.release(event))
    canvas.addEventListener("pointercancel", () => this.forget())
  }

  /** Lay the images out for so much room: as large as whole multiples of their pixels allow. */
  layOut(room, height) {
    const count = this.cells.length
    const image = this.cells.find(cell => cell.image)?.image
    const most = Math.max(image?.width ?? 28, image?.height ?? 28)
    const sides = []
    for (let times = 1; times * most <= MOST; times += 1) if (times * most >= LEAST) sides.push(times * most)
    if (sides.length === 0) sides.push(most < LEAST ? most * Math.ceil(LEAST / most) : 96)
    const fits = side => this.rowsOf(side, room, count) * this.pitch(side).y <= height
    this.side = sides.findLast(fits) ?? sides[0]
    this.rows = this.rowsOf(this.side, room, count)
    this.columns = Math.ceil(count / this.rows) // so that the rows are equally long
  }

  pitch = side => ({ x: side + 2 * FRAME + BETWEEN, y: side + 2 * FRAME + CAPTION + BETWEEN / 2 })
  columnsOf = (side, room) => Math.max(1, Math.floor((room + BETWEEN - 2 * EDGE) / this.pitch(side).x))
  rowsOf = (side, room, count) => Math.ceil(count / this.columnsOf(side, room))

  /** Left and top of a cell's frame, in CSS pixels. */
  corner(place) {
    const { x, y } = this.pitch(this.side)
    return [EDGE + (place % this.columns) * x, EDGE + Math.floor(place / this.columns) * y]
  }

  get frame() {
    return this.side + 2 * FRAME
  }

  /** The middle of an image, in CSS pixels. */
  center(place) {
    const [left, top] = this.corner(place)
    return [left + this.frame / 2, top + this.frame / 2]
  }

  // -- drawing -------------------------------------------------------------------------------

  draw(room, height) {
    this.layOut(room, height)
    const { x, y } = this.pitch(this.side)
    const ratio = window.devicePixelRatio || 1
    const size = [this.columns * x - BETWEEN + 2 * EDGE, this.rows * y + 2 * EDGE]
    const [width, tall] = size.map(length => Math.round(length * ratio))
    if (this.canvas.width !== width) this.canvas.width = width
    if (this.canvas.height !== tall) this.canvas.height = tall
    this.canvas.style.width = `${size[0]}px`
    this.canvas.style.height = `${size[1]}px`
    this.ink = this.canvas.getContext("2d")
    this.ink.setTransform(ratio, 0, 0, ratio, 0, 0)
    this.ink.clearRect(0, 0, ...size)
    const style = getComputedStyle(this.canvas)
    this.colours = {
      text: style.color,
      accent: style.getPropertyValue("--st-primary-color") || "#2456d6",
      paper: style.getPropertyValue("--st-background-color") || "#ffffff",
      soft: style.getPropertyValue("--st-secondary-background-color") || "#f3f5f9",
    }
    this.font = style.fontFamily
    for (const [place, cell] of this.cells.entries()) this.drawCell(cell, place)
    if (this.lasso?.drawn) this.drawLasso()
  }

  drawCell(cell, place) {
    const { ink, frame, colours } = this
    const [left, top] = this.corner(place)
    ink.globalAlpha = 1
    if (this.selected.has(place)) {
      ink.globalAlpha = 0.3
      ink.fillStyle = colours.accent
      box(ink, left - 3, top - 3, frame + 6, frame + CAPTION + 1, 10)
      ink.fill()
      ink.globalAlpha = 1
    }
    ink.fillStyle = MARKS[cell.mark] ?? colours.soft
    box(ink, left, top, frame, frame, 8)
    ink.fill()
    ink.globalAlpha = cell.taken ? 0.25 : 1
    this.drawImage(cell.image, left + FRAME, top + FRAME)
    ink.globalAlpha = 1
    if (place === this.cursor) {
      ink.lineWidth = 2
      ink.strokeStyle = colours.text
      box(ink, left - 2, top - 2, frame + 4, frame + 4, 10)
      ink.stroke()
    }
    const badge = cell.taken ? "taken" : cell.mark
    if (badge) this.drawBadge(badge, left + frame - 12, top + frame - 12)
    ink.fillStyle = colours.text
    ink.globalAlpha = 0.75
    ink.font = `11px ${this.font}`
    ink.textAlign = "center"
    ink.textBaseline = "middle"
    ink.fillText(cell.taken ? "answered" : number(cell.item), left + frame / 2, top + frame + CAPTION / 2)
    ink.globalAlpha = 1
  }

  drawImage(image, left, top) {
    const { ink, side } = this
    ink.fillStyle = "#000"
    ink.fillRect(left, top, side, side)
    if (!image) return
    const times = side / Math.max(image.width, image.height)
    const [width, height] = [image.width * times, image.height * times]
    ink.imageSmoothingEnabled = times < 1
    ink.drawImage(this.sprite(image), left + (side - width) / 2, top + (side - height) / 2, width, height)
  }

  sprite(image) {
    if (!this.sprites.has(image)) {
      const canvas = document.createElement("canvas")
      draw(canvas, image)
      this.sprites.set(image, canvas)
    }
    return this.sprites.get(image)
  }

  /** A disc with the sign of a mark: each has its own shape, not only its own colour. */
  drawBadge(mark, x, y) {
    const { ink, colours } = this
    ink.beginPath()
    ink.arc(x, y, 11, 0, 2 * Math.PI)
    ink.fillStyle = colours.paper
    ink.fill()
    ink.strokeStyle = ink.fillStyle = MARKS[mark] ?? colours.text
    ink.lineWidth = 2.5
    ink.beginPath()
    if (mark === "normal") {
      ink.arc(x, y, 5, 0, 2 * Math.PI)
      ink.fill()
    } else if (mark === "anomalous") {
      for (const [dx, dy] of [[5, 5], [5, -5]]) {
        ink.moveTo(x - dx, y - dy)
        ink.lineTo(x + dx, y + dy)
      }
      ink.stroke()
    } else {
      ink.font = `700 15px ${this.font}`
      ink.textAlign = "center"
      ink.textBaseline = "middle"
      ink.fillText(mark === "unsure" ? "?" : "–", x, y + 1)
    }
  }

  drawLasso() {
    const { ink, colours } = this
    ink.beginPath()
    for (const [x, y] of this.lasso.points) ink.lineTo(x, y)
    ink.closePath()
    ink.globalAlpha = 0.15
    ink.fillStyle = colours.accent
    ink.fill()
    ink.globalAlpha = 1
    ink.strokeStyle = colours.accent
    ink.lineWidth = 2
    ink.setLineDash([6, 4])
    ink.stroke()
    ink.setLineDash([])
  }

  // -- pointers ------------------------------------------------------------------------------

  at(event) {
    const { left, top } = this.canvas.getBoundingClientRect()
    return [event.clientX - left, event.clientY - top]
  }

  /** The place under a point, or null between the images. */
  under([x, y]) {
    const found = this.cells.findIndex((_, place) => {
      const [left, top] = this.corner(place)
      return x >= left && x < left + this.frame && y >= top && y < top + this.frame + CAPTION
    })
    return found < 0 ? null : found
  }

  press(event) {
    if (event.button !== 0 || this.lasso) return
    this.lasso = { id: event.pointerId, points: [this.at(event)], drawn: false }
    if (event.pointerType !== "touch") this.canvas.setPointerCapture(event.pointerId)
  }

  drag(event) {
    if (this.lasso?.id !== event.pointerId) return
    const [x, y] = this.at(event)
    const [from] = this.lasso.points
    const far = Math.hypot(x - from[0], y - from[1]) > DRAG
    if (event.pointerType === "touch") return far && this.forget() // a finger that scrolls
    this.lasso.drawn ||= far
    this.lasso.points.push([x, y])
    if (this.lasso.drawn) this.pick("drawing", this.inside(this.lasso.points), event)
  }

  release(event) {
    if (this.lasso?.id !== event.pointerId) return
    const { points, drawn } = this.lasso
    this.lasso = null
    if (drawn) this.pick("lasso", this.inside(points), event)
    else this.pick(event.pointerType === "touch" ? "tap" : "click", this.under(points[0]), event)
  }

  forget() {
    this.lasso = null
  }

  /** The places whose middle lies inside a closed line. */
  inside = points => this.cells.map((_, place) => place).filter(place => isInside(points, this.center(place)))
}

/** Whether a point lies inside a polygon: a ray from it crosses the line an odd number of times. */
function isInside(points, [x, y]) {
  let odd = false
  points.forEach(([toX, toY], at) => {
    const [fromX, fromY] = points.at(at - 1)
    if (fromY > y !== toY > y && x < fromX + ((y - fromY) / (toY - fromY)) * (toX - fromX)) odd = !odd
  })
  return odd
}

function box(ink, left, top, width, height, radius) {
  ink.beginPath()
  ink.roundRect(left, top, width, height, radius)
}
