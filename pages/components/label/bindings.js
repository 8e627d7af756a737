// @ts-nocheck
// The keys in force: on the buttons, and in the panel in which a person changes them.

import { ACTIONS, USUAL, collision, keyOf, nameOf } from "../js/keys.js"

export class Bindings {
  /** `changed` hears the new keys, or null for the usual ones. */
  constructor(root, changed) {
    this.root = root
    this.find = selector => root.querySelector(selector)
    this.changed = changed
    this.keys = { ...USUAL }
    this.capturing = null // the action that waits for its new key
    this.find(".usual").addEventListener("click", () => this.bind(null))
  }

  take(keys) {
    this.keys = { ...USUAL, ...keys }
    this.draw()
  }

  /** What an event's key means. */
  actionOf(event) {
    const key = keyOf(event)
    return Object.keys(this.keys).find(action => this.keys[action] === key)
  }

  nameOf = action => nameOf(this.keys[action])

  /** Take a key press as the new key of an action. */
  capture(event) {
    if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return
    event.preventDefault()
    event.stopPropagation()
    const action = this.capturing
    this.capturing = null
    if (event.key !== "Escape") this.bind({ ...this.keys, [action]: keyOf(event) }, action)
    this.draw()
    const place = Object.keys(ACTIONS).indexOf(action)
    this.find(".bindings").children[place].focus()
  }

  bind(keys, action = null) {
    const problem = action && collision(this.keys, action, keys[action])
    this.find(".complaint").textContent = problem ?? ""
    if (problem) return
    this.take(keys)
    this.changed(keys)
  }

  draw() {
    const shown = JSON.stringify([this.keys, this.capturing])
    if (shown === this.shown) return
    this.shown = shown
    for (const [action, title] of Object.entries(ACTIONS)) {
      for (const button of this.root.querySelectorAll(`[data-action=${action}]`)) {
        button.replaceChildren(title, keycap(this.nameOf(action)))
        const key = this.keys[action]
        button.setAttribute("aria-keyshortcuts", key === " " ? "Space" : key)
      }
    }
    this.find(".bindings").replaceChildren(...Object.keys(ACTIONS).map(action => this.entry(action)))
  }

  entry(action) {
    const button = document.createElement("button")
    button.type = "button"
    const shown = this.capturing === action ? "press a key" : this.nameOf(action)
    button.append(ACTIONS[action], keycap(shown))
    button.addEventListener("click", () => {
      this.capturing = action
      this.draw()
    })
    return button
  }
}

function keycap(text) {
  const key = document.createElement("kbd")
  key.textContent = text
  return key
}
