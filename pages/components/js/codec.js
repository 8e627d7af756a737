// Numbers and pixels as the server sends them: base64 of their bytes.

/** Height and width, in pixels. @typedef {[number, number]} Shape */

/** @param {string} text */
export const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0))

/** Grey pixels of 8 bits as red, green, blue and alpha.
 * @param {string} text @param {Shape} shape */
export function greys(text, [height, width]) {
  const pixels = atob(text)
  const words = new Uint32Array(height * width) // alpha, blue, green, red
  for (let at = 0; at < words.length; at += 1) {
    words[at] = 0xff000000 | (pixels.charCodeAt(at) * 0x010101)
  }
  return new Uint8ClampedArray(words.buffer)
}

/** Where two images differ: orange where the first is brighter, blue where the second is.
 * @param {Uint8ClampedArray} one @param {Uint8ClampedArray} other */
export function differences(one, other) {
  const made = new Uint8ClampedArray(one.length)
  for (let at = 0; at < one.length; at += 4) {
    const by = one[at] - other[at]
    const colour = by > 0 ? [224, 112, 10] : [47, 116, 208]
    const share = Math.abs(by) / 255
    made.set([...colour.map(part => 16 + (part - 16) * share), 255], at)
  }
  return made
}
