// Many small pictures that came as one, of which a part is shown at a time.

import { make } from "../js/dom.js"

/** @typedef {{pictured: number[], sheet: string, side: number, across: number}} Sent the places that have a picture,
 * and these pictures as one, in rows of so many squares of so many pixels */

export class Sheet {
  sent = /** @type {Sent} */ ({ pictured: [], sheet: "", side: 0, across: 1 })
  whole = new Image()

  /** @param {() => void} loaded hears that the pictures can be shown */
  constructor(loaded) {
    this.whole.addEventListener("load", loaded)
  }

  /** @param {Sent} sent */
  take(sent) {
    this.sent = sent
    this.whole.src = sent.sheet
  }

  /** The picture of a place, or nothing where there is none. @param {number} place */
  picture(place) {
    const { pictured, side, across } = this.sent
    const tile = pictured.indexOf(place)
    if (tile < 0 || !this.whole.naturalWidth) return undefined
    const picture = make("canvas", { width: side, height: side })
    const [x, y] = [(tile % across) * side, Math.floor(tile / across) * side]
    picture.getContext("2d")?.drawImage(this.whole, x, y, side, side, 0, 0, side, side)
    return picture
  }
}
