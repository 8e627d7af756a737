// What pointer and keys mean on the map: they look at an item, open it, move the map, or draw a lasso.

/** @import { Places, Point } from "./places.js" */

/** @typedef {object} Told of what the hand does
 * @property {() => boolean} ready whether there is something to look at
 * @property {() => void} draw
 * @property {(item: number | null) => void} point @property {(item: number) => void} open
 * @property {() => void} even whether distances beyond R are drawn like those within
 * @property {(item: number) => void} reach by key @property {(items: number[]) => void} choose */

const NEAR = 12 // CSS pixels from the pointer to the item it means
const STILL = 4 // that a click may move
const CORNER = 3 // between two corners of a lasso
const NEARER = 1.5 // for a key or a button
const NOTCH = 1.2 // for one of the wheel
/** @type {Record<string, Point>} */
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

export class Hand {
  lassoing = false
  /** @type {{path: Point[], pan: Point, moved: boolean} | null} */
  drag = null
  /** @type {number | null} */
  cursor = null // the item under the pointer or reached by key

  /** @param {HTMLCanvasElement} canvas @param {Places} places @param {Told} told */
  constructor(canvas, places, told) {
    this.canvas = canvas
    this.places = places
    this.told = told
    canvas.addEventListener("keydown", event => this.key(event))
    canvas.addEventListener("pointerdown", event => this.press(event))
    canvas.addEventListener("pointermove", event => this.move(event))
    canvas.addEventListener("pointerup", event => this.release(event))
    canvas.addEventListener("pointercancel", () => this.let())
    canvas.addEventListener("pointerleave", () => this.point(null))
    canvas.addEventListener("wheel", event => this.wheel(event), { passive: false })
  }

  /** The lasso while it is drawn, or null. */
  get path() {
    return this.lassoing && this.drag?.moved ? this.drag.path : null
  }

  /** @param {MouseEvent} event @returns {Point} in CSS pixels of the canvas */
  at(event) {
    const { left, top } = this.canvas.getBoundingClientRect()
    return [event.clientX - left, event.clientY - top]
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (event.button !== 0 || !this.told.ready()) return
    this.canvas.setPointerCapture(event.pointerId)
    this.drag = { path: [this.at(event)], pan: this.places.pan, moved: false }
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (!this.told.ready()) return
    const at = this.at(event)
    if (!this.drag) {
      this.point(this.places.nearest(at, NEAR))
      return
    }
    const { drag, places } = this
    const by = [at[0] - drag.path[0][0], at[1] - drag.path[0][1]]
    drag.moved ||= Math.hypot(...by) > STILL
    if (this.lassoing) drag.path = longer(drag.path, at, CORNER)
    else places.pan = [drag.pan[0] + by[0] / places.zoom, drag.pan[1] + by[1] / places.zoom]
    this.told.draw()
  }

  /** @param {PointerEvent} event */
  release(event) {
    const { drag, path } = this
    this.let()
    if (path) this.told.choose(this.places.within(path))
    else if (drag && !drag.moved) {
      const item = this.places.nearest(this.at(event), NEAR)
      if (item !== null) this.told.open(item)
    }
  }

  let() {
    this.drag = null
    this.told.draw()
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    if (!event.ctrlKey && !event.shiftKey && document.activeElement !== this.canvas) return // the page scrolls
    event.preventDefault()
    const [x, y] = this.at(event)
    const { clientWidth, clientHeight } = this.canvas
    this.zoom(event.deltaY + event.deltaX < 0 ? NOTCH : 1 / NOTCH, [x - clientWidth / 2, y - clientHeight / 2])
  }

  /** Come nearer by steps, or for none of them see all. @param {number} steps */
  step = steps => this.zoom(steps && NEARER ** steps)

  /** @param {number} factor @param {Point} [about] */
  zoom(factor, about) {
    this.places.zoomBy(factor, about)
    this.told.draw()
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const way = WAYS[event.key]
    if (way) this.walk(way)
    else if (event.key === "Enter" && this.cursor !== null) this.told.open(this.cursor)
    else if (event.key === "+" || event.key === "-") this.step(event.key === "+" ? 1 : -1)
    else if (event.key === "0") this.step(0)
    else if (event.key === "e") this.told.even()
    else if (event.key === "Escape" && this.cursor !== null) this.point(null)
    else return
    event.preventDefault()
  }

  /** @param {Point} way */
  walk(way) {
    const item = this.places.next(this.cursor, way)
    if (item === null) return
    this.point(item)
    this.told.reach(item)
  }

  /** @param {number | null} item */
  point(item) {
    if (item === this.cursor) return
    this.cursor = item
    this.told.point(item)
  }
}

/** A path with another corner, unless that is less than so many pixels away.
 * @param {Point[]} path @param {Point} corner @param {number} least */
export function longer(path, corner, least) {
  const [x, y] = path[path.length - 1]
  return Math.hypot(corner[0] - x, corner[1] - y) < least ? path : [...path, corner]
}
