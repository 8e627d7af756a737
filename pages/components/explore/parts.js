// The parts of the map that the server has sent, each once, and the asking for those that lack.

import { bytes } from "../js/codec.js"

/** @typedef {{counts?: number[], outside?: number, picture?: string}} Plain as it is told: items of each kind, and
 * those outside the sphere */
/** @typedef {Plain & {places?: string, step?: number, codes?: string, items?: string}} Sent */
/** @typedef {Plain & {places?: Float32Array, codes?: Uint8Array, items?: number[]}} Part */

const NOWHERE = -32768 // in place of a coordinate of what a version does not know
const AT_ONCE = 2 // large parts
const IMAGES = 48 // at once
const KEPT = 300 // images
const AGAIN = 8000 // ms after which an unanswered question is asked again

export class Parts {
  /** @type {Map<string, Part>} */
  kept = new Map()
  asked = ""
  askedAt = 0

  /** @param {(wants: string[], now: number) => void} ask @param {() => number} [clock] in ms */
  constructor(ask, clock = () => performance.now()) {
    this.ask = ask
    this.clock = clock
  }

  /** @param {Record<string, Sent>} sent by key */
  take(sent) {
    for (const [key, part] of Object.entries(sent)) this.kept.set(key, opened(part))
    const images = [...this.kept.keys()].filter(isImage)
    for (const key of images.slice(0, Math.max(0, images.length - KEPT))) this.kept.delete(key)
  }

  /** @param {string} key */
  get(key) {
    return this.kept.get(key)
  }

  /** Ask for what lacks of these parts, the first of them first.
   * @param {string[]} keys */
  want(keys) {
    const lacking = [...new Set(keys)].filter(key => !this.kept.has(key))
    const [images, large] = [true, false].map(small => lacking.filter(key => isImage(key) === small))
    const wants = [...large.slice(0, AT_ONCE), ...images.slice(0, IMAGES)]
    const now = this.clock()
    if (wants.join() === this.asked && (!wants.length || now - this.askedAt < AGAIN)) return
    this.asked = wants.join()
    this.askedAt = now
    this.ask(wants, Math.round(now))
  }
}

/** @param {string} key */
const isImage = key => key.startsWith("image-")

/** A part as the browser uses it: numbers in place of text.
 * @param {Sent} sent @returns {Part} */
function opened({ places, step = 1, codes, items, ...plain }) {
  return {
    ...(places && { places: unpacked(places, step) }),
    ...(codes && { codes: bytes(codes) }),
    ...(items !== undefined && { items: [...new Uint32Array(bytes(items).buffer)] }),
    ...plain,
  }
}

/** Places as distances; what is nowhere is NaN, so that nothing draws or finds it.
 * @param {string} places @param {number} step @returns {Float32Array} */
function unpacked(places, step) {
  return Float32Array.from(new Int16Array(bytes(places).buffer), place => (place === NOWHERE ? NaN : place * step))
}
