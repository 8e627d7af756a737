// The keys in force, and how a person changes them.

import { ACTIONS, USUAL, actionOf, collision, isModifier, keyOf, nameOf } from "../desk/keys.js"

/** @import { Keys } from "../desk/keys.js" */

export class Bindings {
  /** @param {(keys: Keys | null) => void} changed hears the new keys, or null for the usual ones */
  constructor(changed) {
    this.changed = changed
    this.keys = { ...USUAL }
    /** @type {string | null} */
    this.capturing = null // the action that waits for its new key
    this.complaint = ""
  }

  /** @param {Keys | null} keys */
  take(keys) {
    this.keys = { ...USUAL, ...keys }
  }

  /** What an event's key means.
   * @param {{key: string}} event */
  actionOf = event => actionOf(this.keys, event)

  /** @param {string} action */
  nameOf = action => nameOf(this.keys[action])

  /** Take a key press as the new key of the action that waits; returns the action unless it waits on.
   * @param {{key: string}} event */
  capture(event) {
    if (this.capturing === null || isModifier(event)) return null
    const action = this.capturing
    this.capturing = null
    if (event.key === "Escape") return action
    const key = keyOf(event)
    this.complaint = collision(this.keys, action, key) ?? ""
    if (!this.complaint) this.change({ ...this.keys, [action]: key })
    return action
  }

  /** Go back to the usual keys. */
  reset() {
    this.complaint = ""
    this.change(null)
  }

  /** @param {Keys | null} keys */
  change(keys) {
    this.take(keys)
    this.changed(keys)
  }
}

/** All actions with their keys, or what is awaited in place of one.
 * @param {Bindings} bindings */
export const entries = bindings =>
  Object.entries(ACTIONS).map(([action, title]) => ({
    action,
    title,
    key: bindings.capturing === action ? "press a key" : bindings.nameOf(action),
  }))
