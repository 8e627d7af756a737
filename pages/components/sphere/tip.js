// What is said beside the item that is pointed at, with its image once that is there.

/** @import { Point } from "./places.js" */

const FAR = [14, 8] // CSS pixels from the item
/** @type {[number, string][]} */
const STEPS = [[0.8, "well inside"], [1, "inside"], [1.25, "outside, near the line"], [2.5, "outside"]] // multiples of R
const SIDE = 72 // of the image
const REST = 140 // ms that the pointer stays on an item before its image is fetched

export class ItemTip {
  rested = false
  resting = 0

  /** @param {HTMLElement} element @param {{clientWidth: number, clientHeight: number}} stage
   * @param {() => void} rest tells that the pointer rests */
  constructor(element, stage, rest) {
    this.element = element
    this.stage = stage
    this.rest = rest
  }

  stop() {
    clearTimeout(this.resting)
  }

  /** Point at another item, or at none. @param {boolean} any */
  point(any) {
    this.stop()
    this.rested = false
    if (!any) return
    this.resting = window.setTimeout(() => {
      this.rested = true
      this.rest()
    }, REST)
  }

  hide() {
    this.element.hidden = true
  }

  /** Say something beside a place of the stage, on the side where there is room.
   * @param {Point} place @param {string} words @param {HTMLElement} [picture] */
  show([x, y], words, picture) {
    const { style } = this.element
    const { clientWidth, clientHeight } = this.stage
    const [left, up] = [x < clientWidth / 2, y < clientHeight / 2]
    this.element.hidden = false
    this.element.replaceChildren(...(picture ? [framed(picture)] : []), words)
    style.left = left ? `${x + FAR[0]}px` : "auto"
    style.right = left ? "auto" : `${clientWidth - x + FAR[0]}px`
    style.top = up ? `${y + FAR[1]}px` : "auto"
    style.bottom = up ? "auto" : `${clientHeight - y + FAR[1]}px`
  }
}

/** @param {HTMLElement} picture */
function framed(picture) {
  picture.style.cssText = `flex:none;width:${SIDE}px;height:${SIDE}px;object-fit:contain;background:#000;`
    + "image-rendering:pixelated;border-radius:4px"
  return picture
}

/** How far out an item lies, in words and in multiples of R.
 * @param {number} distance @param {number} R */
export function howFar(distance, R) {
  if (!(R > 0)) return `distance ${distance.toFixed(3)}`
  const times = distance / R
  const words = STEPS.find(([most]) => times <= most)?.[1] ?? "far outside"
  return `${words} (${times.toPrecision(times < 0.1 ? 1 : 2)} R)`
}
