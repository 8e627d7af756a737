// The keys on the buttons, and the panel in which a person changes them.

import { finder, make } from "../js/dom.js"
import { shortcutOf } from "../desk/keys.js"
import { entries } from "./bindings.js"
import { SIGNS } from "./lately.js"

/** @import { Bindings } from "./bindings.js" */

const SIGNED = ["normal", "anomalous"] // as on the map

export class KeyPanel {
  /** @param {HTMLElement} root @param {Bindings} bindings */
  constructor(root, bindings) {
    this.root = root
    this.find = finder(root)
    this.bindings = bindings
    this.shown = ""
    this.find(".usual").addEventListener("click", () => {
      bindings.reset()
      this.draw()
    })
  }

  /** Take a key press while an action waits for its new key.
   * @param {KeyboardEvent} event */
  press(event) {
    const action = this.bindings.capture(event)
    if (action === null) return
    event.preventDefault()
    event.stopPropagation()
    this.draw()
    this.find(`.bindings [data-binds=${action}]`).focus()
  }

  draw() {
    const { keys, capturing, complaint } = this.bindings
    const shown = JSON.stringify([keys, capturing, complaint])
    if (shown === this.shown) return
    this.shown = shown
    this.find(".complaint").textContent = complaint
    const all = entries(this.bindings)
    for (const { action, title } of all) {
      for (const button of this.root.querySelectorAll(`[data-action=${action}]`)) {
        const sign = SIGNED.includes(action) ? [make("i", { className: action, ariaHidden: "true" }, SIGNS[action])] : []
        button.replaceChildren(...sign, title, make("kbd", {}, this.bindings.nameOf(action)))
        button.setAttribute("aria-keyshortcuts", shortcutOf(keys[action]))
      }
    }
    this.find(".bindings").replaceChildren(...all.map(({ action, title, key }) => {
      const button = make("button", { type: "button" }, title, make("kbd", {}, key))
      button.dataset.binds = action
      button.addEventListener("click", () => {
        this.bindings.capturing = action
        this.draw()
      })
      return button
    }))
  }
}
