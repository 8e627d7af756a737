// What Batch shows round the images: what can be done, and what is known of it.

import { finder } from "../js/dom.js"
import { drawGiven } from "../desk/guide.js"
import { nameOf, shortcutOf } from "../desk/keys.js"
import { count } from "../js/numbers.js"

/** @import { Given } from "../desk/guide.js" */
/** @import { Keys } from "../desk/keys.js" */
/** @import { Layout } from "./layout.js" */

/** @typedef {{text: string, given: Given}} Guide */
/** `nothing` is said where no image is; `marked` answers can be saved, `undoable` ones taken back.
 * @typedef {{nothing: string, guide: Guide, mayAnswer: boolean, marked: number, undoable: number}} View */

export class Screen {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    this.find = finder(root)
  }

  /** @param {View} view @param {Keys} keys */
  draw({ nothing, guide, mayAnswer, marked, undoable }, keys) {
    this.root.dataset.empty = String(nothing !== "")
    this.find(".empty").textContent = nothing
    this.drawGuide(guide)
    this.find(".count").textContent = `Save ${count(marked, "answer")}`
    /** @type {Record<string, boolean>} */
    const idle = { undo: undoable === 0, keep: marked === 0 }
    for (const [action, key] of Object.entries({ ...keys, rest: "r", keep: "Enter" })) {
      const button = this.find(`[data-action=${action}]`)
      const cap = this.find(`[data-action=${action}] kbd`)
      cap.textContent = key === "Enter" ? "↵" : nameOf(key)
      cap.hidden = action === "rest" && Object.values(keys).includes(key) // a key of the person's own
      button.setAttribute("aria-keyshortcuts", shortcutOf(key))
      button.setAttribute("aria-disabled", String((idle[action] ?? nothing !== "") || !mayAnswer))
    }
  }

  /** @param {Guide} guide */
  drawGuide({ text, given }) {
    this.find(".task").textContent = text || "Normal or anomalous?"
    this.find(".guidelines").textContent = text
    drawGiven(this.find(".given"), given)
    this.find(".guide").hidden = !text && Object.keys(given).length === 0
  }

  /** Whether the guide was open. */
  closeGuide() {
    const guide = this.find(".guide", HTMLDetailsElement)
    const open = guide.open
    guide.open = false
    return open
  }

  /** Show for a moment that a button was meant.
   * @param {string} action */
  press(action) {
    const button = this.root.querySelector(`[data-action=${action}]`)
    button?.classList.add("pressed")
    setTimeout(() => button?.classList.remove("pressed"), 120)
  }

  /** @param {Layout} layout @param {number} place */
  bringIntoSight(layout, place) {
    const spot = this.find(".spot")
    const [left, top] = layout.corner(place)
    const side = `${layout.frame}px`
    Object.assign(spot.style, { left: `${left}px`, top: `${top}px`, width: side, height: side })
    spot.scrollIntoView({ block: "nearest" })
  }
}
