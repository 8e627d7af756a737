// Small images in place of marks, where one has come near enough that they do not lie over each other.

import { fill } from "./marks.js"

/** @import { Places } from "./places.js" */
/** @typedef {{colour: string, shape: string}} Kind how an item is marked */

const SIDE = 34 // CSS pixels
const CROWDED = 400 // items in sight among which none has room
export const MOST = 48 // at a time, those nearest to the middle of the frame
const KEPT = 300

/** The items in sight around which there is room for an image, those nearest to the middle first.
 * @param {Places} places @param {number} width @param {number} height */
export function roomy({ drawn, count }, width, height) {
  /** @type {[item: number, x: number, y: number][]} */
  const seen = []
  for (let item = 0; item < count && seen.length <= CROWDED; item++) {
    const [x, y] = [drawn[2 * item], drawn[2 * item + 1]]
    if (x >= 0 && y >= 0 && x < width && y < height) seen.push([item, x, y])
  }
  if (seen.length > CROWDED) return []
  const free = seen.filter(([item, x, y]) =>
    seen.every(([other, u, v]) => other === item || Math.max(Math.abs(x - u), Math.abs(y - v)) >= SIDE),
  )
  const out = (/** @type {number[]} */ [, x, y]) => Math.hypot(x - width / 2, y - height / 2)
  return free.sort((one, other) => out(one) - out(other)).slice(0, MOST).map(([item]) => item)
}

export class Thumbnails {
  /** @type {Map<number, HTMLImageElement>} */
  kept = new Map()
  /** @type {number[]} */
  items = [] // that are shown, or wait for their images

  /** @param {() => void} loaded hears that an image can be drawn */
  constructor(loaded) {
    this.loaded = loaded
  }

  /** Choose what to show; without a near look nothing is.
   * @param {Places} places @param {number} width @param {number} height */
  choose(places, width, height) {
    this.items = places.zoom > 1 && places.share === 1 ? roomy(places, width, height) : []
  }

  /** The items that are to be shown and whose images are not here. */
  get lacking() {
    return this.items.filter(item => !this.kept.has(item))
  }

  /** @param {number} item @param {string} src */
  take(item, src) {
    if (this.kept.has(item)) return
    const image = new Image()
    image.onload = this.loaded
    image.src = src
    this.kept.set(item, image)
    for (const old of this.kept.keys()) {
      if (this.kept.size <= KEPT) break
      if (!this.items.includes(old)) this.kept.delete(old)
    }
  }

  /** Draw each image over the mark of its item, framed in its colour, with its mark in the corner.
   * @param {CanvasRenderingContext2D} pen @param {Places} places @param {(item: number) => Kind} kindOf */
  draw(pen, places, kindOf) {
    for (const item of this.items) {
      const image = this.kept.get(item)
      if (!image?.complete || !image.naturalWidth) continue
      const [x, y] = places.at(item).map(middle => middle - SIDE / 2)
      const { colour, shape } = kindOf(item)
      const inner = SIDE - 6
      pen.fillStyle = colour
      pen.fillRect(x + 1, y + 1, SIDE - 2, SIDE - 2)
      pen.fillStyle = "#000"
      pen.fillRect(x + 3, y + 3, inner, inner)
      const { naturalWidth: wide, naturalHeight: high } = image
      const by = inner / Math.max(wide, high)
      pen.imageSmoothingEnabled = by < 1
      pen.drawImage(image, x + 3 + (inner - by * wide) / 2, y + 3 + (inner - by * high) / 2, by * wide, by * high)
      pen.save()
      pen.fillStyle = "#fff"
      pen.fillRect(x, y, 11, 11)
      pen.fillStyle = colour
      fill(pen, shape, x + 5.5, y + 5.5, 4.4)
      pen.restore()
    }
  }
}
