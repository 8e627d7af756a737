// Where the images of the grid lie, in CSS pixels.

import { Lasso } from "../js/lasso.js"

/** @typedef {[number, number]} Point */

export const FRAME = 5 // round an image, in the colour of its mark
export const CAPTION = 18 // below each image, for its number
const BETWEEN = 8
const EDGE = 5 // round the grid, for what is drawn round a frame
const LEAST = 52 // a side, so that a finger hits one
const MOST = 120

/** @param {number} side of an image */
const pitch = side => ({ x: side + 2 * FRAME + BETWEEN, y: side + 2 * FRAME + CAPTION + BETWEEN / 2 })

/** The sides that images may be drawn with: whole multiples of their pixels, if there are any.
 * @param {number} pixels of the longer side */
function sidesOf(pixels) {
  const sides = []
  for (let side = pixels; side <= MOST; side += pixels) if (side >= LEAST) sides.push(side)
  if (sides.length > 0) return sides
  return [pixels < LEAST ? pixels * Math.ceil(LEAST / pixels) : 96]
}

export class Layout {
  /** Lay so many images out for so much room: as large as it allows, in rows of equal length.
   * @param {number} count @param {number} pixels of an image's longer side
   * @param {number} room across @param {number} height */
  constructor(count, pixels, room, height) {
    /** @param {number} side */
    const rows = side => Math.ceil(count / Math.max(1, Math.floor((room + BETWEEN - 2 * EDGE) / pitch(side).x)))
    const sides = sidesOf(pixels)
    this.count = count
    this.side = sides.findLast(side => rows(side) * pitch(side).y <= height) ?? sides[0]
    this.rows = rows(this.side)
    this.columns = Math.ceil(count / this.rows)
    this.frame = this.side + 2 * FRAME
    this.pitch = pitch(this.side)
    this.size = [this.columns * this.pitch.x - BETWEEN + 2 * EDGE, this.rows * this.pitch.y + 2 * EDGE]
  }

  /** Left and top of the frame at a place.
   * @param {number} place @returns {Point} */
  corner(place) {
    return [EDGE + (place % this.columns) * this.pitch.x, EDGE + Math.floor(place / this.columns) * this.pitch.y]
  }

  /** The middle of an image.
   * @param {number} place @returns {Point} */
  center(place) {
    const [left, top] = this.corner(place)
    return [left + this.frame / 2, top + this.frame / 2]
  }

  get places() {
    return Array.from({ length: this.count }, (_, place) => place)
  }

  /** The place under a point, or null between the images.
   * @param {Point} point */
  under([x, y]) {
    const found = this.places.find(place => {
      const [left, top] = this.corner(place)
      return x >= left && x < left + this.frame && y >= top && y < top + this.frame + CAPTION
    })
    return found ?? null
  }

  /** The places whose middle lies inside a closed line.
   * @param {Point[]} line */
  inside(line) {
    const lasso = new Lasso(line)
    return this.places.filter(place => lasso.encloses(...this.center(place)))
  }
}
