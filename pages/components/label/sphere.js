// The hypersphere beside the desk, with what was answered, what is proposed and what is on the desk.

import { bytes } from "../js/codec.js"
import { COLOURS } from "../js/colours.js"
import { Sphere } from "../sphere/sphere.js"

/** Of a model; base64 of 32-bit numbers: the items that are drawn, and x and y of each.
 * @typedef {{version: number, R: number, reach: number, items: string, places: string}} Places */

const LOOK = { travel: 600, patience: 40, ease: (/** @type {number} */ gone) => 1 - (1 - gone) ** 3 } // keys come first

export class DeskSphere {
  /** @type {number | undefined} */
  version
  /** @type {Map<number, number>} */
  places = new Map() // item -> its number among the places
  /** @type {Map<number, number>} */
  label = new Map() // item -> 1 normal, -1 anomalous
  /** @type {number[]} */
  proposed = []
  /** @type {number | null} */
  current = null

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.sphere = new Sphere(canvas, () => this.draw(), LOOK)
    this.stop = () => this.sphere.stop()
  }

  /** Take the places that a new model gives the items; they move there. @param {Places} map */
  move({ version, R, reach, items, places }) {
    const { now } = this.sphere.places
    const to = new Float32Array(bytes(places).buffer)
    const from = to.slice()
    const before = this.places
    this.version = version
    this.places = new Map()
    new Uint32Array(bytes(items).buffer).forEach((item, at) => {
      this.places.set(item, at)
      const old = before.get(item)
      if (old !== undefined) from.set(now.subarray(2 * old, 2 * old + 2), 2 * at)
    })
    this.sphere.travel(to, { R, reach }, before.size ? from : to)
  }

  /** @param {number} item @param {[number, number]} xy */
  place(item, xy) {
    if (!this.places.has(item)) this.places.set(item, this.sphere.places.add(xy))
  }

  draw() {
    const { sphere } = this
    sphere.draw(
      () => {
        const point = sphere.mark("square", 1.6, COLOURS.unlabeled)
        for (let at = 0; at < sphere.places.count; at++) sphere.put(at, point)
        const [proposed, normal, anomalous] = [
          sphere.mark("diamond-open", 4, COLOURS.proposed),
          sphere.mark("circle", 4.2, COLOURS.normal),
          sphere.mark("x-thin", 4, COLOURS.anomalous),
        ]
        for (const item of this.proposed) this.on(item, at => sphere.put(at, proposed))
        for (const [item, y] of this.label) this.on(item, at => sphere.put(at, y > 0 ? normal : anomalous))
      },
      pen => {
        pen.strokeStyle = COLOURS.proposed
        this.on(this.current, at => sphere.ring(at, 9))
      },
    )
  }

  /** Do something where an item is drawn, if it is. @param {number | null} item @param {(at: number) => void} act */
  on(item, act) {
    const at = item === null ? undefined : this.places.get(item)
    if (at !== undefined) act(at)
  }
}
