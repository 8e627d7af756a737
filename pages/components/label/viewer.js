// An image at the size of the screen: zoomed to its real pixels and beyond, moved, its contrast raised.

import { finder } from "../js/dom.js"

/** A size or place in pixels of the screen. @typedef {{x: number, y: number}} Point */

const CLOSER = 1.25 // a turn of the wheel, or a key
const CLOSEST = 16 // pixels of the screen a side of one of the image
const KEYS = { "+": CLOSER, "=": CLOSER, "-": 1 / CLOSER }

/** The scale that shows a whole image, a tiny one enlarged.
 * @param {Point} room @param {Point} size */
export const fitting = (room, size) => Math.min(room.x / size.x, room.y / size.y, CLOSEST)

/** Where an image must lie so that what is under a point stays under it at another scale.
 * @param {Point} place @param {Point} under @param {number} before @param {number} after
 * @returns {Point} */
export const kept = (place, under, before, after) => ({
  x: under.x - ((under.x - place.x) * after) / before,
  y: under.y - ((under.y - place.y) * after) / before,
})

/** Where an image may lie: no gap on a side while it is larger than the room, in the middle else.
 * @param {Point} place @param {Point} room @param {Point} drawn its size on the screen
 * @returns {Point} */
export const held = (place, room, drawn) => ({
  x: within(place.x, room.x, drawn.x),
  y: within(place.y, room.y, drawn.y),
})

/** @param {number} at @param {number} room @param {number} drawn */
const within = (at, room, drawn) =>
  drawn <= room ? (room - drawn) / 2 : Math.min(0, Math.max(room - drawn, at))

export class Viewer {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.find = finder(root)
    this.stage = this.find(".stage")
    this.image = this.find(".original", HTMLImageElement)
    this.scale = 1
    this.place = { x: 0, y: 0 }
    this.whole = true // shown as a whole, whatever the size of the screen
    /** @type {Point | null} */
    this.dragged = null
    this.seen = () => {} // hears that the file is here, or cannot come
    for (const end of ["load", "error"]) this.image.addEventListener(end, () => this.arrive())
    this.stage.addEventListener("wheel", event => this.wheel(event), { passive: false })
    this.stage.addEventListener("dblclick", event => this.toggle(this.pointAt(event)))
    this.stage.addEventListener("pointerdown", event => this.take(event))
    this.stage.addEventListener("pointermove", event => this.drag(event))
    for (const end of ["pointerup", "pointercancel"]) this.stage.addEventListener(end, () => (this.dragged = null))
    for (const button of [".fit", ".real"]) // the focus stays where the keys are
      this.find(button).addEventListener("mousedown", event => event.preventDefault())
    this.find(".fit").addEventListener("click", () => this.fit())
    this.find(".real").addEventListener("click", () => this.toReal())
    this.find(".contrast", HTMLInputElement).addEventListener("input", () => this.draw())
    this.watcher = new ResizeObserver(() => this.whole && this.fit())
    this.watcher.observe(this.stage)
  }

  stop() {
    this.watcher.disconnect()
  }

  /** Show a file; the contrast stays, the place does not.
   * @param {string} address @param {string} text */
  show(address, text) {
    this.image.alt = text
    if (this.image.getAttribute("src") === address) return
    this.stage.dataset.awaited = "true" // the former image is not to be taken for this one
    this.image.src = address
    this.whole = true
  }

  /** The file is here, or cannot come. */
  arrive() {
    this.stage.dataset.awaited = "false"
    this.fit()
    this.seen()
  }

  get awaited() {
    return this.stage.dataset.awaited === "true"
  }

  /** @returns {Point} */
  get room() {
    return { x: this.stage.clientWidth, y: this.stage.clientHeight }
  }

  /** @returns {Point} */
  get size() {
    return { x: this.image.naturalWidth || 1, y: this.image.naturalHeight || 1 }
  }

  fit() {
    this.whole = true
    this.scale = fitting(this.room, this.size)
    this.draw()
  }

  /** One pixel of the image a pixel of the screen, what is under a point stays there.
   * @param {Point} under */
  toReal(under = { x: this.room.x / 2, y: this.room.y / 2 }) {
    this.zoom(1 / (window.devicePixelRatio || 1) / this.scale, under)
  }

  /** @param {Point} under */
  toggle(under) {
    if (this.whole) this.toReal(under)
    else this.fit()
  }

  /** @param {number} by @param {Point} under */
  zoom(by, under = { x: this.room.x / 2, y: this.room.y / 2 }) {
    const least = Math.min(fitting(this.room, this.size), 1)
    const scale = Math.min(CLOSEST, Math.max(least, this.scale * by))
    this.place = kept(this.place, under, this.scale, scale)
    this.scale = scale
    this.whole = false
    this.draw()
  }

  /** Zoom by a key; returns whether it was one for that.
   * @param {KeyboardEvent} event */
  press({ key }) {
    if (key === "0") this.fit()
    else if (key === "1") this.toReal()
    else if (key in KEYS) this.zoom(KEYS[/** @type {keyof typeof KEYS} */ (key)])
    else return false
    return true
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault()
    this.zoom(event.deltaY < 0 ? CLOSER : 1 / CLOSER, this.pointAt(event))
  }

  /** @param {PointerEvent} event */
  take(event) {
    this.dragged = this.pointAt(event)
    this.stage.setPointerCapture(event.pointerId)
    event.preventDefault() // the focus stays where the keys are
  }

  /** @param {PointerEvent} event */
  drag(event) {
    if (!this.dragged) return
    const to = this.pointAt(event)
    this.place = { x: this.place.x + to.x - this.dragged.x, y: this.place.y + to.y - this.dragged.y }
    this.dragged = to
    this.draw()
  }

  /** @param {MouseEvent} event @returns {Point} */
  pointAt(event) {
    const box = this.stage.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }

  draw() {
    const { size, scale } = this
    this.place = held(this.place, this.room, { x: size.x * scale, y: size.y * scale })
    const { style } = this.image
    style.transform = `translate(${this.place.x}px, ${this.place.y}px) scale(${scale})`
    style.imageRendering = scale > 2 ? "pixelated" : "auto"
    style.filter = `contrast(${this.find(".contrast", HTMLInputElement).value})`
    this.find(".scale").textContent = `${Math.round(100 * scale * (window.devicePixelRatio || 1))} %`
    this.stage.dataset.whole = String(this.whole)
  }
}
