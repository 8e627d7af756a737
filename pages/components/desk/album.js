// The images that a tab has been sent, drawn pixel by pixel.

import { colours, differences } from "../js/codec.js"
import { penOf } from "../js/dom.js"
import { Photos } from "./photos.js"

/** @import { Shape } from "../js/codec.js" */
/** Image and reconstruction, as they are sent. @typedef {[string, string | null]} Sent */

/** @param {string} text @param {Shape} shape */
const decode = (text, shape) => new ImageData(colours(text, shape), shape[1], shape[0])

/** Where two images differ, in colour.
 * @param {ImageData} one @param {ImageData} other */
const difference = (one, other) =>
  new ImageData(differences(one.data, other.data), one.width, one.height)

/** @type {WeakMap<HTMLCanvasElement, ImageData | HTMLImageElement | null | undefined>} */
const drawn = new WeakMap() // what each canvas shows

/** Draw pixels, or the file of an image, on a canvas of its own size; CSS makes it large.
 * @param {HTMLCanvasElement} canvas @param {ImageData | HTMLImageElement | null} [image] */
export function draw(canvas, image) {
  if (drawn.get(canvas) === image) return
  drawn.set(canvas, image)
  if (!image) {
    penOf(canvas).clearRect(0, 0, canvas.width, canvas.height)
    return
  }
  const file = image instanceof HTMLImageElement
  const [width, height] = file ? [image.naturalWidth, image.naturalHeight] : [image.width, image.height]
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  canvas.classList.toggle("photo", file)
  if (file) penOf(canvas).drawImage(image, 0, 0)
  else penOf(canvas).putImageData(image, 0, 0)
}

/** An image with its reconstruction; each is decoded once, when it is asked for first. */
class Page {
  /** @type {ImageData | undefined} */
  #image
  /** @type {ImageData | null | undefined} */
  #reconstruction
  /** @type {ImageData | null | undefined} */
  #difference

  /** @param {Sent} sent @param {(text: string) => ImageData} decoded */
  constructor([image, reconstruction], decoded) {
    this.sent = { image, reconstruction }
    this.decoded = decoded
  }

  get image() {
    return (this.#image ??= this.decoded(this.sent.image))
  }

  get reconstruction() {
    const { reconstruction } = this.sent
    if (reconstruction === null) return null
    return (this.#reconstruction ??= this.decoded(reconstruction))
  }

  /** Where the two differ. */
  get difference() {
    const { reconstruction } = this
    if (reconstruction === null) return null
    return (this.#difference ??= difference(this.image, reconstruction))
  }
}

/** Images by item; the oldest go when there are too many. */
export class Album {
  /** @param {number} most @param {(text: string, shape: Shape) => ImageData} decoded */
  constructor(most = 600, decoded = decode) {
    this.most = most
    this.decoded = decoded
    /** @type {Map<number, Page>} */
    this.pages = new Map()
    this.photos = new Photos(() => this.loaded())
    this.loaded = () => {} // hears that a file has come
  }

  /** @param {Record<string, Sent>} sent @param {Shape} shape */
  add(sent, shape) {
    for (const [item, both] of Object.entries(sent)) {
      this.pages.set(Number(item), new Page(both, text => this.decoded(text, shape)))
    }
    for (const item of this.pages.keys()) {
      if (this.pages.size <= this.most) break
      this.pages.delete(item)
    }
  }

  /** @param {number | undefined} item */
  image = item => (item === undefined ? undefined : this.pages.get(item)?.image)

  /** What a person sees of an item: its file where there is one, else what the model sees.
   * @param {number | undefined} item */
  picture = item => this.photos.of(item) ?? this.image(item)

  /** @param {number} item */
  reconstruction = item => this.pages.get(item)?.reconstruction

  /** Where an image differs from its reconstruction.
   * @param {number} item */
  difference = item => this.pages.get(item)?.difference

  /** Decode what is shown soon, while there is time.
   * @param {number} item */
  ready(item) {
    this.picture(item)
    this.difference(item)
  }

  get items() {
    return [...this.pages.keys()]
  }
}
