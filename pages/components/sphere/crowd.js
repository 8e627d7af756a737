// Items that nothing is said of yet: a dot each while they can be told apart, shades of how many lie
// where once they cannot, so that the middle of a large pool is no smear.

/** @import { Channels, Raster } from "./canvas.js" */
/** @import { Mark } from "./sphere.js" */

export const MANY = 5000 // items in sight that are no longer drawn one by one
const CELL = 2 // CSS pixels a side
const FAINTEST = 30 // of 256, where hardly any item lies
const STRONGEST = 240 // where most lie
const LEAST = 0.05 // items that make a cell show at all

export class Crowd {
  counts = new Float32Array()
  smooth = new Float32Array()

  /** Draw the items whose places (x and y of each, CSS pixels) are given; returns whether as shades.
   * @param {Raster} raster @param {Float32Array} drawn @param {(item: number) => boolean} among
   * @param {Mark} mark of each where they are few */
  draw(raster, drawn, among, { stamp, colour }) {
    const { width, height } = raster
    const [across, down] = [width, height].map(side => Math.ceil(side / CELL))
    if (this.counts.length !== across * down) {
      this.counts = new Float32Array(across * down)
      this.smooth = new Float32Array(across * down)
    }
    this.counts.fill(0)
    let seen = 0
    for (let item = 0; 2 * item < drawn.length; item++) {
      const x = drawn[2 * item]
      const y = drawn[2 * item + 1]
      if (!(x >= 0 && y >= 0 && x < width && y < height) || !among(item)) continue
      this.counts[Math.floor(y / CELL) * across + Math.floor(x / CELL)] += 1
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

  /** @param {Raster} raster @param {number} across cells in a row @param {Channels} colour */
  shade(raster, across, colour) {
    blur(this.counts, this.smooth, 1)
    blur(this.smooth, this.counts, across)
    let most = 0
    for (const count of this.counts) most = Math.max(most, count)
    const rise = (STRONGEST - FAINTEST) / Math.log1p(most)
    const side = CELL * raster.ratio
    for (let at = 0; at < this.counts.length; at++) {
      if (this.counts[at] < LEAST) continue
      const share = FAINTEST + rise * Math.log1p(this.counts[at])
      raster.cell((at % across) * side, Math.floor(at / across) * side, side, share, colour)
    }
  }
}

/** Spread what is in each cell over its neighbours, a step to either side.
 * @param {Float32Array} from @param {Float32Array} to @param {number} step */
function blur(from, to, step) {
  for (let at = 0; at < from.length; at++) {
    to[at] = (from[at] + ((from[at - step] ?? 0) + (from[at + step] ?? 0)) / 2) / 2
  }
}
