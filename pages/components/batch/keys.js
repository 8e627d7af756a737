// What keys mean on the grid: those of the person's own, and those that it needs itself.

import { USUAL, actionOf, keyOf } from "../desk/keys.js"

/** @import { Keys } from "../desk/keys.js" */
/** @import { Step } from "./selection.js" */

/** @type {Keys} */
const OUR_OWN = { Enter: "keep", r: "rest", Delete: "clear", Escape: "escape" }
/** @type {Record<string, Step>} */
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: "up", ArrowDown: "down", Home: "first", End: "last" }
const WALKS = "[role=radiogroup], [role=tablist], [role=slider], [role=menu], [role=listbox]"

/** The person's own keys, but for those that the grid needs itself.
 * @param {Keys | null} chosen */
export function ownKeys(chosen) {
  /** @type {Keys} */
  const keys = {}
  for (const action of ["normal", "anomalous", "unsure", "undo"]) {
    const key = chosen?.[action] ?? USUAL[action]
    keys[action] = key in STEPS || key === "Delete" ? USUAL[action] : key
  }
  return keys
}

/** What a key does, if anything.
 * @param {Keys} keys the person's own @param {KeyboardEvent} event */
export const meaning = (keys, event) => actionOf(keys, event) ?? OUR_OWN[keyOf(event)]

/** Where a key moves the cursor, if it does.
 * @param {{key: string}} event */
export const stepOf = ({ key }) => /** @type {Step | undefined} */ (STEPS[key])

/** Whether a key that moves is meant for the control that it happens on.
 * @param {Pick<KeyboardEvent, "composedPath">} event */
export const walks = event => /** @type {Element | undefined} */ (event.composedPath()[0])?.closest?.(WALKS)
