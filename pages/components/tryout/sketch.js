// A sheet to draw on. After each stroke the server gets it, made small.

import { finder, make, penOf } from "../js/dom.js"
import { mounting, toNobody } from "../js/mounting.js"
import { line } from "../js/tab.js"

/** @typedef {[x: number, y: number]} Point in pixels of the sheet */
/** @typedef {{rubber: boolean, points: Point[]}} Stroke */
/** What the pool looks like: pixels and greys. @typedef {Record<"height" | "width" | "background" | "ink", number>} Look */

const PAUSE = 150 // ms without another stroke after which the drawing is sent
const SIDE = 560 // pixels of the sheet's longer side
const PEN = 1 / 11 // of the longer side
const RUBBER = 1.8 // pens
const STEP = 1 / 56 // of the longer side, for an arrow key; with Shift four times as far
/** @type {Record<string, Point>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const PRESENT = "present" // the page

/** @type {{ringfenceSheets?: Map<string, Stroke[]>}} */
const tab = /** @type {any} */ (globalThis)
/** What is drawn on the sheet of each look of a pool, until the tab is reloaded. */
const sheets = (tab.ringfenceSheets ??= new Map())

class Sketch {
  setState = toNobody
  setTrigger = toNobody
  look = { height: 0, width: 0, background: 0, ink: 0 }
  drawnFor = "" // which look
  /** @type {Stroke[]} */
  strokes = []
  /** That draws. @type {number | null} */
  pointer = null
  /** Of the keyboard. @type {Point | null} */
  cross = null
  down = false // whether the keyboard's pen is
  rubber = false
  waiting = 0
  frame = 0

  /** @param {HTMLElement} root */
  constructor(root) {
    this.find = finder(root)
    this.sheet = this.find(".sheet", HTMLCanvasElement)
    this.pen = penOf(this.sheet)
    this.sheet.addEventListener("pointerdown", event => this.touch(event))
    this.sheet.addEventListener("pointermove", event => this.move(event))
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
      this.sheet.addEventListener(end, event => this.lift(event))
    }
    this.sheet.addEventListener("keydown", event => this.key(event))
    this.sheet.addEventListener("blur", () => this.leave())
    const tools = { pen: () => this.use(false), eraser: () => this.use(true) }
    for (const [tool, use] of Object.entries(tools)) this.find(`[data-tool=${tool}]`).addEventListener("click", use)
    this.find("[data-do=undo]").addEventListener("click", () => this.undo())
    this.find("[data-do=clear]").addEventListener("click", () => this.clear())
  }

  /** Take the sheet for a pool: an empty one, or what was drawn on it before. @param {Look} look */
  take(look) {
    const key = JSON.stringify(look)
    if (key === this.drawnFor) return
    const other = this.drawnFor !== ""
    this.drawnFor = key
    this.look = look
    const longer = Math.max(look.height, look.width)
    this.sheet.width = Math.round((SIDE * look.width) / longer)
    this.sheet.height = Math.round((SIDE * look.height) / longer)
    this.strokes = sheets.get(key) ?? []
    sheets.set(key, this.strokes)
    this.paint()
    if (other || this.strokes.length) this.changed() // the server knows another drawing or none
  }

  stop() {
    clearTimeout(this.waiting)
    cancelAnimationFrame(this.frame)
    line.drop("sketch")
  }

  // -- mouse, finger, pen --

  /** @param {PointerEvent} event @returns {Point} */
  place(event) {
    const box = this.sheet.getBoundingClientRect()
    const border = this.sheet.clientLeft
    return [
      ((event.clientX - box.left - border) * this.sheet.width) / this.sheet.clientWidth,
      ((event.clientY - box.top - border) * this.sheet.height) / this.sheet.clientHeight,
    ]
  }

  /** @param {PointerEvent} event */
  touch(event) {
    if (event.button !== 0 || this.pointer !== null) return
    this.pointer = event.pointerId
    this.sheet.setPointerCapture(event.pointerId)
    this.leave()
    this.begin(this.place(event))
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (event.pointerId !== this.pointer) return
    const passed = event.getCoalescedEvents?.() ?? []
    for (const one of passed.length ? passed : [event]) this.go(this.place(one))
  }

  /** @param {PointerEvent} event */
  lift(event) {
    if (event.pointerId !== this.pointer) return
    this.pointer = null
    this.changed()
  }

  // -- keyboard --

  /** @param {KeyboardEvent} event */
  key(event) {
    const arrow = ARROWS[event.key]
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (arrow) this.walk(arrow, event.shiftKey)
    else if (event.key === " ") this.press()
    else if (event.key === "Backspace") this.undo()
    else return
    event.preventDefault()
    event.stopPropagation() // keys have other meanings on the page
  }

  /** @param {Point} way @param {boolean} far */
  walk([right, below], far) {
    const step = SIDE * STEP * (far ? 4 : 1)
    const [x, y] = this.cross ?? this.middle
    this.cross = [within(x + right * step, this.sheet.width), within(y + below * step, this.sheet.height)]
    if (this.down) {
      this.go(this.cross)
      this.changed()
    } else this.paint()
  }

  press() {
    this.cross ??= this.middle
    this.down = !this.down
    this.tell(this.down ? "The pen is down." : "The pen is lifted.")
    if (this.down) this.begin(this.cross)
    this.changed()
  }

  leave() {
    if (this.cross === null) return
    this.cross = null
    this.down = false
    this.paint()
  }

  /** @returns {Point} */
  get middle() {
    return [this.sheet.width / 2, this.sheet.height / 2]
  }

  // -- strokes --

  /** @param {boolean} rubber or else the pen */
  use(rubber) {
    this.rubber = rubber
    this.find("[data-tool=pen]").setAttribute("aria-pressed", String(!rubber))
    this.find("[data-tool=eraser]").setAttribute("aria-pressed", String(rubber))
  }

  /** @param {Point} at */
  begin(at) {
    clearTimeout(this.waiting)
    this.strokes.push({ rubber: this.rubber, points: [at] })
    this.repaint()
  }

  /** @param {Point} at */
  go(at) {
    this.strokes.at(-1)?.points.push(at)
    this.repaint()
  }

  undo() {
    if (this.pointer !== null || !this.strokes.pop()) return
    this.down = false
    this.tell("A stroke was taken back.")
    this.changed()
  }

  clear() {
    if (this.pointer !== null || this.strokes.length === 0) return
    this.strokes.length = 0
    this.down = false
    this.tell("The sheet is empty.")
    this.changed()
  }

  changed() {
    this.repaint()
    clearTimeout(this.waiting)
    this.waiting = window.setTimeout(() => this.send(), PAUSE)
  }

  /** @param {string} words */
  tell(words) {
    this.find(".told").textContent = words
  }

  // -- what is seen --

  repaint() {
    cancelAnimationFrame(this.frame)
    this.frame = requestAnimationFrame(() => this.paint())
  }

  paint() {
    this.ink()
    if (this.cross) this.mark(this.cross)
    const nothing = String(this.strokes.length === 0)
    for (const name of ["undo", "clear"]) {
      this.find(`[data-do=${name}]`).setAttribute("aria-disabled", nothing) // and keeps the focus
    }
  }

  /** Draw the strokes alone. */
  ink() {
    const { pen, sheet, look } = this
    pen.shadowBlur = 0
    pen.fillStyle = grey(look.background)
    pen.fillRect(0, 0, sheet.width, sheet.height)
    pen.lineCap = pen.lineJoin = "round"
    for (const { rubber, points } of this.strokes) {
      pen.strokeStyle = pen.shadowColor = grey(rubber ? look.background : look.ink)
      pen.lineWidth = SIDE * PEN * (rubber ? RUBBER : 1)
      pen.shadowBlur = rubber ? 0 : pen.lineWidth / 5 // soft edges
      pen.beginPath()
      pen.moveTo(...points[0])
      for (const point of points) pen.lineTo(...point)
      pen.stroke()
    }
    pen.shadowBlur = 0
  }

  /** Show where the keyboard's pen is, and by a filled middle that it is down. @param {Point} cross */
  mark([x, y]) {
    const { pen } = this
    for (const [colour, width] of /** @type {const} */ ([["#000", 6], ["#fff", 2]])) {
      pen.strokeStyle = colour
      pen.lineWidth = width
      pen.beginPath()
      for (const [right, below] of [[1, 0], [0, 1]]) {
        pen.moveTo(x - 20 * right, y - 20 * below)
        pen.lineTo(x + 20 * right, y + 20 * below)
      }
      if (this.down) pen.ellipse(x, y, 8, 8, 0, 0, 2 * Math.PI)
      pen.stroke()
    }
  }

  // -- to the server --

  send() {
    const drawing = this.strokes.some(stroke => !stroke.rubber) ? this.small() : null
    line.say("sketch", () => this.setState("drawing", drawing), PRESENT)
  }

  /** The drawing at the size that the server asked for. */
  small() {
    const { height, width } = this.look
    const pen = penOf(make("canvas", { height, width }))
    pen.imageSmoothingQuality = "high"
    this.ink()
    pen.drawImage(this.sheet, 0, 0, width, height)
    this.paint()
    const { data } = pen.getImageData(0, 0, width, height)
    let pixels = ""
    for (let at = 0; at < data.length; at += 4) pixels += String.fromCharCode(data[at])
    return { height, width, pixels: btoa(pixels) }
  }
}

/** @param {number} value */
const grey = value => `rgb(${value} ${value} ${value})`
/** @param {number} value @param {number} most */
const within = (value, most) => Math.min(most, Math.max(0, value))

export default mounting(root => new Sketch(root))
