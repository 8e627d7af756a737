// @ts-nocheck
// Where the items are drawn: their places in one model version, and on the way from one to the next.

const FRAME = 1.06 // times the farthest distance from the middle to the edge

export const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0))

export class Places {
  constructor() {
    this.zoom = 1
    this.pan = [0, 0] // of the middle, in canvas pixels at zoom 1
    this.root = false // whether the square root of the distance is drawn
    this.share = 1 // of the way from the last version to this one
    this.R = this.fromR = 1
    this.reach = 1
  }

  /** Set off for where another version puts the items, or be there at once. */
  travel({ places, step }, R, still) {
    const many = places.length / 2
    const first = this.to === undefined || this.to.length !== places.length
    this.from = first || still ? null : this.blended()
    this.fromR = first ? R : this.radius
    this.R = R
    this.to = new Float32Array(2 * many)
    for (let at = 0; at < places.length; at++) this.to[at] = places[at] * step
    this.drawn = new Float32Array(2 * many)
    this.share = this.from ? 0 : 1
  }

  get count() {
    return this.to ? this.to.length / 2 : 0
  }

  get radius() {
    return this.fromR + (this.R - this.fromR) * this.share
  }

  blended() {
    const { from, to, share } = this
    if (!from || share === 1) return to
    return to.map((end, at) => from[at] + (end - from[at]) * share)
  }

  /** The distance from the middle at which a distance is drawn, both in units of distance. */
  shown(distance) {
    return this.root ? Math.sqrt(distance * this.reach) : distance
  }

  /** Work out where every item lies on a canvas of this size. */
  lay(width, height) {
    const { from, to, drawn, share, root, reach } = this
    const scale = (this.zoom * Math.min(width, height)) / 2 / (FRAME * reach)
    this.middle = [width / 2 + this.pan[0] * this.zoom, height / 2 + this.pan[1] * this.zoom]
    const [left, top] = this.middle
    this.scale = scale
    for (let at = 0; at < to.length; at += 2) {
      let x = to[at]
      let y = to[at + 1]
      if (share < 1) {
        x = from[at] + (x - from[at]) * share
        y = from[at + 1] + (y - from[at + 1]) * share
      }
      const longer = root ? Math.sqrt(reach / (Math.hypot(x, y) || 1)) : 1
      drawn[at] = left + scale * longer * x
      drawn[at + 1] = top - scale * longer * y
    }
  }

  distance(item) {
    return Math.hypot(this.to[2 * item], this.to[2 * item + 1])
  }

  /** The drawn item nearest to a place, at most so many pixels away and accepted by `may`; or null. */
  nearest(x, y, within, may = () => true) {
    let [best, least] = [null, within ** 2]
    for (let item = 0; item < this.count; item++) {
      const dx = this.drawn[2 * item] - x
      const dy = this.drawn[2 * item + 1] - y
      const squared = dx * dx + dy * dy
      if (squared < least && may(dx, dy, item)) [best, least] = [item, squared]
    }
    return best
  }

  /** Items drawn within a polygon of [x, y] corners, by the even-odd rule. */
  within(corners) {
    const inside = []
    const lasso = new Lasso(corners)
    for (let item = 0; item < this.count; item++) {
      if (lasso.encloses(this.drawn[2 * item], this.drawn[2 * item + 1])) inside.push(item)
    }
    return inside
  }

  /** Zoom about a place of the canvas, [x, y] from its middle. */
  zoomBy(factor, [x, y] = [0, 0]) {
    const zoom = Math.min(60, Math.max(1, this.zoom * factor))
    this.pan = this.pan.map((old, axis) => old + [x, y][axis] * (1 / zoom - 1 / this.zoom))
    this.zoom = zoom
    if (zoom === 1) this.pan = [0, 0]
  }
}

/** A polygon that many places are compared with. */
class Lasso {
  constructor(corners) {
    this.x = Float64Array.from(corners, ([x]) => x)
    this.y = Float64Array.from(corners, ([, y]) => y)
    ;[this.left, this.right] = [Math.min(...this.x), Math.max(...this.x)]
    ;[this.top, this.bottom] = [Math.min(...this.y), Math.max(...this.y)]
  }

  encloses(x, y) {
    if (x < this.left || x > this.right || y < this.top || y > this.bottom) return false
    const xs = this.x
    const ys = this.y
    let inside = false
    for (let at = 0, before = xs.length - 1; at < xs.length; before = at++) {
      const crosses = ys[at] > y !== ys[before] > y
      if (crosses && x < ((xs[before] - xs[at]) * (y - ys[at])) / (ys[before] - ys[at]) + xs[at]) inside = !inside
    }
    return inside
  }
}
