// What Batch shows round the images: what can be done, and what is known of it.

import { finder } from "../js/dom.js"
import { nameOf, shortcutOf } from "../desk/keys.js"
import { count } from "../js/numbers.js"

/** @import { Keys } from "../desk/keys.js" */
/** @import { Layout } from "./layout.js" */

/** `nothing` is said where no image is; `marked` answers can be kept, `undoable` ones taken back.
 * @typedef {{nothing: string, task: string, mayAnswer: boolean, marked: number, undoable: number}} View */

export class Screen {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    this.find = finder(root)
  }

  /** @param {View} view @param {Keys} keys */
  draw({ nothing, task, mayAnswer, marked, undoable }, keys) {
    this.root.dataset.empty = String(nothing !== "")
    this.find(".empty").textContent = nothing
    this.find(".task").textContent = task || "Normal or anomalous?"
    this.find(".count").textContent = `Keep ${count(marked, "answer")}`
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
