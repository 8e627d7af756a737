// A closed line drawn round places.

export class Lasso {
  /** @param {number[][]} corners [x, y] each */
  constructor(corners) {
    this.x = Float64Array.from(corners, ([x]) => x)
    this.y = Float64Array.from(corners, ([, y]) => y)
    this.left = Math.min(...this.x)
    this.right = Math.max(...this.x)
    this.top = Math.min(...this.y)
    this.bottom = Math.max(...this.y)
  }

  /** Whether a place lies inside: a ray from it crosses the line an odd number of times.
   * @param {number} x @param {number} y */
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
