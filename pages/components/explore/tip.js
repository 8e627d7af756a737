// What is said beside the item that is pointed at, with its image once that is there.

import { make } from "../js/dom.js"

/** @import { Point } from "../sphere/places.js" */

const FAR = [14, 8] // CSS pixels from the item
const SIDE = 56 // of the image
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
   * @param {Point} place @param {string} words @param {string} [picture] */
  show([x, y], words, picture) {
    const { style } = this.element
    const { clientWidth, clientHeight } = this.stage
    const [left, up] = [x < clientWidth / 2, y < clientHeight / 2]
    this.element.hidden = false
    this.element.replaceChildren(...(picture ? [portrait(picture)] : []), words)
    style.left = left ? `${x + FAR[0]}px` : "auto"
    style.right = left ? "auto" : `${clientWidth - x + FAR[0]}px`
    style.top = up ? `${y + FAR[1]}px` : "auto"
    style.bottom = up ? "auto" : `${clientHeight - y + FAR[1]}px`
  }
}

/** @param {string} src */
function portrait(src) {
  const image = make("img", { src, alt: "", width: SIDE, height: SIDE })
  image.style.cssText = "display:block;image-rendering:pixelated;border-radius:4px;margin-bottom:4px"
  return image
}
