// Items that nothing is said of yet: a dot each while they can be told apart, shades of how many lie
// where once they cannot, so that the middle of a large pool is no smear.

/** @import { Channels, Raster } from "./canvas.js" */
/** @import { Mark } from "./sphere.js" */

export const MANY = 5000 // items in sight that are no longer drawn one by one
const CELL = 2 // CSS pixels a side
const STRONGEST = 240 // of 256, where most lie
const TABLE = 50_000 // of what cells hold, from which on all are as strong

export class Crowd {
  counts = new Float32Array()
  smooth = new Float32Array()
  cells = new Uint32Array() // a pixel for each

  /** Draw the items whose places (x and y of each, CSS pixels) are given; returns whether as shades.
   * @param {Raster} raster @param {Float32Array} drawn @param {(item: number) => boolean} among
   * @param {Mark} mark of each where they are few */
  draw(raster, drawn, among, { stamp, colour }) {
    const { width, height } = raster
    const [across, down] = [width, height].map(side => Math.ceil(side / CELL))
    if (this.counts.length !== across * down) {
      this.counts = new Float32Array(across * down)
      this.smooth = new Float32Array(across * down)
      this.cells = new Uint32Array(across * down)
    }
    this.counts.fill(0)
    let seen = 0
    for (let item = 0; 2 * item < drawn.length; item++) {
      const x = drawn[2 * item]
      const y = drawn[2 * item + 1]
      if (!(x >= 0 && y >= 0 && x < width && y < height) || !among(item)) continue
      this.counts[((y / CELL) | 0) * across + ((x / CELL) | 0)] += 1
      seen += 1
    }
    if (seen > MANY) this.shade(raster, across, colour)
    else {
      for (let item = 0; 2 * item < drawn.length; item++) {
        if (among(item)) raster.mark(stamp, drawn[2 * item], drawn[2 * item + 1], colour)
      }
    }
    return seen > MANY
  }

  /** Each cell is as strong as the logarithm of how many lie there, spread a little over its neighbours.
   * @param {Raster} raster @param {number} across cells in a row @param {Channels} colour */
  shade(raster, across, colour) {
    const { counts, smooth } = this
    let most = 0
    for (let at = 1; at < counts.length - 1; at++) {
      const near = counts[at - 1] + 2 * counts[at] + counts[at + 1]
      smooth[at] = near
      if (near > most) most = near
    }
    const rise = STRONGEST / Math.log1p(8 * most) // an item alone is seen as well
    const shades = raster.shades(colour)
    const pixels = Uint32Array.from({ length: Math.min(4 * most + 1, TABLE) }, (_, near) =>
      near && shades[(rise * Math.log1p(2 * near)) | 0],
    )
    this.cells.fill(0)
    for (let at = across; at < counts.length - across; at++) {
      const near = smooth[at - across] + 2 * smooth[at] + smooth[at + across]
      if (near > 0) this.cells[at] = pixels[Math.min(near, pixels.length - 1)]
    }
    raster.lay(this.cells, across, CELL)
  }
}
