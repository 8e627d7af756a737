// A canvas that is as sharp as the screen, keeps up with its size and the theme, and takes a hundred
// thousand marks in a few milliseconds: their pixels are written by hand, which is as quick without a
// graphics card.

/** @import { Stamp } from "./marks.js" */
/** @typedef {[number, number, number]} Channels red, green and blue, 0 to 255 */

const THEMED = 300 // ms after which Streamlit has followed the system's theme

/** Give a canvas a pixel for each of the screen's that it covers; returns its size in CSS pixels and
 * how many pixels are one of them, `null` while it is not shown.
 * @param {HTMLCanvasElement} canvas */
export function fit(canvas) {
  const ratio = devicePixelRatio || 1
  const { clientWidth: width, clientHeight: height } = canvas
  const [across, down] = [width, height].map(side => Math.round(side * ratio))
  if (!across || !down) return null
  if (canvas.width !== across) canvas.width = across
  if (canvas.height !== down) canvas.height = down
  return { ratio, width, height }
}

/** Draw anew when the canvas has another size or the page another theme; returns what ends this.
 * @param {HTMLCanvasElement} canvas @param {() => void} draw */
export function watch(canvas, draw) {
  const resized = new ResizeObserver(draw)
  resized.observe(canvas)
  const themed = new MutationObserver(draw)
  themed.observe(document.documentElement, { attributes: true })
  const dark = matchMedia("(prefers-color-scheme: dark)")
  const turned = () => {
    draw()
    setTimeout(draw, THEMED)
  }
  dark.addEventListener("change", turned)
  return () => {
    for (const observer of [resized, themed]) observer.disconnect()
    dark.removeEventListener("change", turned)
  }
}

export class Raster {
  ratio = 1 // pixels of the canvas to one of CSS
  width = 0 // CSS pixels
  height = 0
  /** @type {ImageData | undefined} */
  image
  pixels = new Uint32Array()
  background = /** @type {Channels} */ ([0, 0, 0])

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas
    // In memory, where its pixels are written: each frame is taken from there as a whole.
    this.pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }))
  }

  /** Make the canvas as large as it is shown; returns whether it is shown at all. */
  fit() {
    const size = fit(this.canvas)
    if (!size) return false
    const { width, height } = this.canvas
    if (this.image?.width !== width || this.image.height !== height) {
      this.image = this.pen.createImageData(width, height)
      this.pixels = new Uint32Array(this.image.data.buffer)
    }
    Object.assign(this, size)
    return true
  }

  /** @param {Channels} colour */
  clear(colour) {
    this.background = colour
    this.pixels.fill(pixelOf(colour))
  }

  /** Lay a stamp of a colour over the pixels around a place in CSS pixels, unless it would stick out.
   * @param {Stamp} stamp @param {number} x @param {number} y
   * @param {Channels} colour */
  mark({ half, x: dx, y: dy, share }, x, y, [red, green, blue]) {
    const { ratio, pixels, canvas: { width, height } } = this
    const left = Math.round(x * ratio)
    const top = Math.round(y * ratio)
    if (left < half || top < half || left >= width - half || top >= height - half) return
    for (let at = 0; at < share.length; at++) {
      const place = (top + dy[at]) * width + left + dx[at]
      const under = pixels[place]
      const r = under & 255
      const g = (under >> 8) & 255
      const b = (under >> 16) & 255
      const part = share[at]
      pixels[place] =
        (255 << 24) |
        ((b + (((blue - b) * part) >> 8)) << 16) |
        ((g + (((green - g) * part) >> 8)) << 8) |
        (r + (((red - r) * part) >> 8))
    }
  }

  /** The pixels of a colour laid over the background by each share, of 0 to 255.
   * @param {Channels} colour */
  shades(colour) {
    return Uint32Array.from({ length: 256 }, (_, share) =>
      pixelOf(this.background.map((under, at) => under + (((colour[at] - under) * share) >> 8))),
    )
  }

  /** Fill squares that cover the canvas, each with a pixel, but those that have none.
   * @param {Uint32Array} cells @param {number} across in a row @param {number} side in CSS pixels */
  lay(cells, across, side) {
    const { pixels, ratio, canvas: { width, height } } = this
    const column = Uint16Array.from({ length: width }, (_, x) => x / (side * ratio))
    for (let y = 0; y < height; y++) {
      const first = Math.floor(y / (side * ratio)) * across
      for (let x = 0; x < width; x++) {
        const pixel = cells[first + column[x]]
        if (pixel) pixels[y * width + x] = pixel
      }
    }
  }

  /** Show the marks; what the pen draws afterwards, in CSS pixels, lies above them. */
  show() {
    if (this.image) this.pen.putImageData(this.image, 0, 0)
    this.pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0)
  }
}

/** @param {number[]} channels */
const pixelOf = ([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0

/** @type {Map<string, Channels>} */
const known = new Map()

/** Red, green and blue of any colour that CSS knows.
 * @param {string} colour */
export function channels(colour) {
  const found = known.get(colour) ?? read(colour)
  known.set(colour, found)
  return found
}

/** @param {string} colour @returns {Channels} */
function read(colour) {
  const pen = offscreen(1)
  pen.fillStyle = colour
  pen.fillRect(0, 0, 1, 1)
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data
  return [red, green, blue]
}

/** The pen of a square canvas that nobody sees.
 * @param {number} side in pixels */
export function offscreen(side) {
  return /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(side, side).getContext("2d"))
}
