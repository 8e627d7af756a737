// Numbers and pixels as the server sends them: base64 of their bytes.

/** Height and width, in pixels. @typedef {[number, number]} Shape */

/** @param {string} text */
export const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0))

/** Pixels of 8 bits, grey or red, green and blue, with alpha.
 * @param {string} text @param {Shape} shape */
export function colours(text, [height, width]) {
  const values = atob(text)
  const words = new Uint32Array(height * width) // alpha, blue, green, red
  const [green, blue] = values.length === words.length ? [0, 0] : [1, 2]
  const step = 1 + blue
  for (let at = 0; at < words.length; at += 1) {
    const first = at * step
    words[at] =
      0xff000000 |
      (values.charCodeAt(first + blue) << 16) |
      (values.charCodeAt(first + green) << 8) |
      values.charCodeAt(first)
  }
  return new Uint8ClampedArray(words.buffer)
}

const FLOOR = 64 // the least difference in brightness that is drawn in full colour

/** Where two images differ: orange where the first is brighter, blue where the second is.
 * The largest difference is in full colour, unless it is too small to matter.
 * @param {Uint8ClampedArray} one @param {Uint8ClampedArray} other */
export function differences(one, other) {
  const made = new Uint8ClampedArray(one.length)
  let largest = FLOOR
  for (let at = 0; at < one.length; at += 4) {
    largest = Math.max(largest, Math.abs(brightness(one, at) - brightness(other, at)))
  }
  for (let at = 0; at < one.length; at += 4) {
    const by = brightness(one, at) - brightness(other, at)
    const colour = by > 0 ? [224, 112, 10] : [47, 116, 208]
    const share = Math.abs(by) / largest
    made.set([...colour.map(part => 16 + (part - 16) * share), 255], at)
  }
  return made
}

/** The mean of red, green and blue.
 * @param {Uint8ClampedArray} pixels @param {number} at */
const brightness = (pixels, at) => (pixels[at] + pixels[at + 1] + pixels[at + 2]) / 3
