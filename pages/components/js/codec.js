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
const [BRIGHTER, DARKER, BLANK] = [[224, 112, 10], [47, 116, 208], 16]

/** Where two images differ: orange where the first is brighter, blue where the second is.
 * The largest difference is in full colour, unless it is too small to matter.
 * @param {Uint8ClampedArray} one @param {Uint8ClampedArray} other */
export function differences(one, other) {
  const made = new Uint8ClampedArray(one.length)
  const by = Float32Array.from({ length: one.length / 4 }, (_, at) => brightness(one, 4 * at) - brightness(other, 4 * at))
  const largest = by.reduce((most, value) => Math.max(most, Math.abs(value)), FLOOR)
  for (let at = 0; at < by.length; at += 1) {
    const [red, green, blue] = by[at] > 0 ? BRIGHTER : DARKER
    const share = Math.abs(by[at]) / largest
    made[4 * at] = BLANK + (red - BLANK) * share
    made[4 * at + 1] = BLANK + (green - BLANK) * share
    made[4 * at + 2] = BLANK + (blue - BLANK) * share
    made[4 * at + 3] = 255
  }
  return made
}

/** The mean of red, green and blue.
 * @param {Uint8ClampedArray} pixels @param {number} at */
const brightness = (pixels, at) => (pixels[at] + pixels[at + 1] + pixels[at + 2]) / 3
