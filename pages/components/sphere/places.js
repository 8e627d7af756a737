// Where the items are drawn: their places in one model version, and on the way from one to the next.

import { Lasso } from "../js/lasso.js"
import { RadialScale } from "./scale.js"

/** @import { Extent } from "./scale.js" */
/** @typedef {[number, number]} Point */

const NEAREST = 60 // times that one may come nearer

export class Places {
  to = new Float32Array() // x and y of each item
  from = this.to // where they come from
  share = 1 // of the way that they have gone
  drawn = new Float32Array() // x and y of each item on the canvas, in CSS pixels
  extent = { R: 1, reach: 1 }
  fromExtent = this.extent
  zoom = 1
  /** @type {Point} of the middle, in CSS pixels at zoom 1 */
  pan = [0, 0]
  even = false // whether distances beyond R are drawn like those within
  /** @type {number | null} */
  limit = null // distance beyond which items are flagged
  /** @type {number | null} */
  former = null // radius of the version that they come from
  /** @type {Point} */
  middle = [0, 0] // where the center is on the canvas
  half = 1 // CSS pixels from there to the edge of the frame
  scale = new RadialScale(this.extent)

  /** Set off for other places from where the items are (or from others); without these, be there.
   * @param {Float32Array} to @param {Extent} extent @param {Float32Array} [from] */
  travel(to, extent, from = to) {
    const moves = from !== to
    if (moves && this.extent.R !== extent.R) this.former = this.extent.R
    else if (!moves) this.former = null
    this.fromExtent = moves ? { R: this.radius, reach: this.reach } : extent
    Object.assign(this, { to, from, extent, share: moves ? 0 : 1 })
    this.drawn = new Float32Array(to.length)
  }

  /** Add an item; returns its number. @param {Point} place */
  add(place) {
    const longer = (/** @type {Float32Array} */ old) => {
      const made = new Float32Array(old.length + 2)
      made.set(old)
      made.set(place, old.length)
      return made
    }
    const still = this.from === this.to
    this.to = longer(this.to)
    this.from = still ? this.to : longer(this.from)
    this.drawn = new Float32Array(this.to.length)
    return this.count - 1
  }

  get count() {
    return this.to.length / 2
  }

  get radius() {
    return blend(this.fromExtent.R, this.extent.R, this.share)
  }

  get reach() {
    return blend(this.fromExtent.reach, this.extent.reach, this.share)
  }

  /** Where the items are by now. */
  get now() {
    const { from, to, share } = this
    if (share === 1) return to
    const now = new Float32Array(to.length)
    for (let at = 0; at < now.length; at++) now[at] = from[at] + (to[at] - from[at]) * share
    return now
  }

  /** How many CSS pixels from the middle a distance is drawn. @param {number} distance */
  away(distance) {
    return this.half * this.scale.at(distance)
  }

  /** Work out where every item lies on a canvas of this size.
   * @param {number} width @param {number} height */
  lay(width, height) {
    this.aim(width, height)
    const { now, drawn, scale, half, middle: [left, top] } = this
    const within = half * scale.slope
    const straight = scale.bend === Infinity ? Infinity : scale.R
    for (let at = 0; at < now.length; at += 2) {
      const x = now[at]
      const y = now[at + 1]
      const distance = Math.sqrt(x * x + y * y)
      const longer = distance > straight ? (half * scale.at(distance)) / distance : within
      drawn[at] = left + longer * x
      drawn[at + 1] = top - longer * y
    }
  }

  /** @param {number} width @param {number} height */
  aim(width, height) {
    this.scale = new RadialScale({ R: this.radius, reach: this.reach }, this.even)
    this.half = (this.zoom * Math.min(width, height)) / 2
    this.middle = [width / 2 + this.pan[0] * this.zoom, height / 2 + this.pan[1] * this.zoom]
  }

  /** @param {number} item @returns {Point} in CSS pixels */
  at(item) {
    return [this.drawn[2 * item], this.drawn[2 * item + 1]]
  }

  /** Where a place of the plane is drawn that need be no item's. @param {Point} place @returns {Point} */
  spot([x, y]) {
    const distance = Math.hypot(x, y)
    const longer = distance > 0 ? this.away(distance) / distance : 0
    return [this.middle[0] + longer * x, this.middle[1] - longer * y]
  }

  /** From the center, in the version that is being shown. @param {number} item */
  distance(item) {
    return Math.hypot(this.to[2 * item], this.to[2 * item + 1])
  }

  /** The drawn item nearest to a place, at most so many pixels away and accepted by `may`; or null.
   * @param {Point} place @param {number} within
   * @param {(dx: number, dy: number, item: number) => boolean} [may] */
  nearest([x, y], within, may = () => true) {
    /** @type {number | null} */
    let best = null
    let least = within ** 2
    for (let item = 0; item < this.count; item++) {
      const dx = this.drawn[2 * item] - x
      const dy = this.drawn[2 * item + 1] - y
      const squared = dx * dx + dy * dy
      if (squared < least && may(dx, dy, item)) [best, least] = [item, squared]
    }
    return best
  }

  /** The nearest item that lies more this way than aside; without one to start from, the innermost.
   * @param {number | null} item @param {Point} way right and down */
  next(item, [right, down]) {
    if (item === null) return this.nearest(this.middle, Number.POSITIVE_INFINITY)
    return this.nearest(this.at(item), Number.POSITIVE_INFINITY, (dx, dy, other) => {
      const forward = dx * right + dy * down
      return other !== item && forward > 0 && forward >= Math.abs(dx * down + dy * right)
    })
  }

  /** The items drawn within a closed line. @param {Point[]} corners */
  within(corners) {
    const lasso = new Lasso(corners)
    return Array.from({ length: this.count }, (_, item) => item).filter(item => lasso.encloses(...this.at(item)))
  }

  /** Zoom about a place of the canvas, seen from its middle; by 0 to all of it.
   * @param {number} factor @param {Point} [about] */
  zoomBy(factor, about = [0, 0]) {
    const zoom = Math.min(NEAREST, Math.max(1, this.zoom * factor))
    const by = 1 / zoom - 1 / this.zoom
    this.pan = zoom === 1 ? [0, 0] : [this.pan[0] + about[0] * by, this.pan[1] + about[1] * by]
    this.zoom = zoom
  }
}

/** @param {number} from @param {number} to @param {number} share */
const blend = (from, to, share) => from + (to - from) * share
