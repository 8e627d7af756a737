import assert from "node:assert/strict"
import { test } from "node:test"

import { USUAL, actionOf, collision, isCommand, isTheirs, keyOf, nameOf } from "../../pages/components/desk/keys.js"
import { Bindings, entries } from "../../pages/components/label/bindings.js"

/** @import { Keys } from "../../pages/components/desk/keys.js" */

/** A key pressed on an element that is one of some kinds.
 * @param {string} key @param {string[]} kinds @returns {any} */
const on = (key, ...kinds) => ({
  key,
  composedPath: () => [{ closest: (/** @type {string} */ wanted) => kinds.some(kind => wanted.split(", ").includes(kind)) || null }],
})

test("a key is the same in capitals, and has a name", () => {
  assert.equal(keyOf({ key: "A" }), "a")
  assert.equal(keyOf({ key: "Enter" }), "Enter")
  assert.deepEqual(["a", " ", "Backspace", "F2"].map(nameOf), ["A", "Space", "⌫", "F2"])
})

test("a press means an action, unless it is a command or meant for a field or button", () => {
  assert.equal(actionOf(USUAL, { key: "X" }), "anomalous")
  assert.equal(actionOf(USUAL, { key: "q" }), undefined)
  assert.ok(isCommand(/** @type {any} */ ({ key: "a", ctrlKey: true })))
  assert.ok(!isCommand(/** @type {any} */ ({ key: "A", shiftKey: true })))
  assert.ok(isTheirs(on("a", "input")))
  assert.ok(isTheirs(on(" ", "button")))
  assert.ok(!isTheirs(on("a", "button")))
  assert.ok(!isTheirs({ key: "a", composedPath: () => [] }))
  const slider = { type: "range", closest: () => true }
  assert.ok(isTheirs(/** @type {any} */ ({ key: "ArrowLeft", composedPath: () => [slider] })))
  assert.ok(!isTheirs(/** @type {any} */ ({ key: "a", composedPath: () => [slider] })))
})

test("a key that another action has, or the browser, cannot be taken", () => {
  assert.equal(collision(USUAL, "flag", "x"), "X already means Anomalous; choose another key.")
  assert.equal(collision(USUAL, "flag", "Tab"), "Tab is used by the browser; choose another key.")
  assert.equal(collision(USUAL, "flag", "f"), null)
})

test("an action that waits takes the next key, but not a modifier, and Escape leaves all as it was", () => {
  /** @type {(Keys | null)[]} */
  const changes = []
  const bindings = new Bindings(keys => void changes.push(keys))
  assert.equal(bindings.capture({ key: "q" }), null)
  bindings.capturing = "flag"
  assert.equal(entries(bindings).find(({ action }) => action === "flag")?.key, "press a key")
  assert.equal(bindings.capture({ key: "Shift" }), null)
  assert.equal(bindings.capture({ key: "Q" }), "flag")
  assert.equal(bindings.actionOf({ key: "q" }), "flag")
  assert.equal(bindings.actionOf({ key: "f" }), undefined)
  bindings.capturing = "note"
  assert.equal(bindings.capture({ key: "Escape" }), "note")
  assert.deepEqual(changes, [{ ...USUAL, flag: "q" }])
})

test("a collision is complained of and changes nothing, and the usual keys can be had back", () => {
  /** @type {(Keys | null)[]} */
  const changes = []
  const bindings = new Bindings(keys => void changes.push(keys))
  bindings.take({ normal: "j" })
  bindings.capturing = "skip"
  assert.equal(bindings.capture({ key: "j" }), "skip")
  assert.match(bindings.complaint, /^J already means Normal/)
  assert.deepEqual(changes, [])
  bindings.reset()
  assert.deepEqual([changes, bindings.complaint, bindings.nameOf("normal")], [[null], "", "A"])
})
