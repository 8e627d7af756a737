// How far from the middle distances are drawn: 0 is the middle, 1 the edge of the frame. `RadialScale`
// in `anomaly_core/projection.py` says what it is, and the same to paper.

/** @typedef {{R: number, reach: number}} Extent of the sphere, and of what is farthest from its center */

export const AT_R = 0.45 // of the way from the middle to the edge
const AT_EDGE = 0.96
const RINGS = [2, 3, 5, 10, 20, 50, 100, 200, 500, 1000] // multiples of the radius
const APART = 0.06 // of that way between two rings
const BISECTIONS = 60

export class RadialScale {
  /** @param {Extent} extent @param {boolean} [even] whether all distances are drawn alike, also beyond R */
  constructor({ R, reach }, even = false) {
    this.R = R
    this.reach = reach
    const collapsed = !(R > 0)
    this.slope = even || collapsed ? AT_EDGE / (reach || 1) : AT_R / R // of what is drawn true
    this.bend = even || collapsed ? Infinity : bendOf(reach / R - 1)
  }

  /** @param {number} distance */
  at(distance) {
    if (distance <= this.R || this.bend === Infinity) return this.slope * distance
    return AT_R * (1 + this.bend * Math.log1p((distance / this.R - 1) / this.bend))
  }

  /** The multiples of R at which a ring says how far it is, none too near another.
   * @param {number} [zoom] by which the frame is larger than what is seen of it */
  rings(zoom = 1) {
    if (!(this.R > 0)) return []
    const shown = []
    let last = this.at(this.R)
    for (const times of RINGS) {
      const at = this.at(times * this.R)
      if (times * this.R > this.reach || at - last < APART / zoom) continue
      shown.push(times)
      last = at
    }
    return shown
  }
}

/** Multiples of R beyond it in which the slope halves, so that the farthest is just inside the frame.
 * @param {number} most of these multiples */
function bendOf(most) {
  const room = AT_EDGE / AT_R - 1
  if (!(most > room)) return Infinity
  let [low, high] = [1e-9, most]
  for (let at = 0; at < BISECTIONS; at++) {
    const bend = Math.sqrt(low * high)
    if (bend * Math.log1p(most / bend) < room) low = bend
    else high = bend
  }
  return high
}
