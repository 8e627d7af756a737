import assert from "node:assert/strict"
import { test } from "node:test"

import { HINTS, hintFor } from "../../../pages/components/label/hints.js"

const NEW = { answers: 0, undone: false, pointed: false, model: false }

/** @param {Partial<typeof NEW>[]} steps what has changed, step by step @param {Set<string>} seen */
const shown = (steps, seen = new Set()) =>
  steps.map((_, at) => hintFor(Object.assign({ ...NEW }, ...steps.slice(0, at + 1)), seen)?.name)

test("each comes when it is due, one after the other", () => {
  const steps = [{}, { answers: 1 }, { answers: 4 }, { model: true }, { pointed: true }]
  assert.deepEqual(shown(steps), ["keys", "undo", undefined, "sphere", undefined])
})

test("who has undone something needs no hint to undo", () => {
  assert.deepEqual(shown([{ answers: 1 }, { undone: true }]), ["undo", undefined])
})

test("none comes a second time", () => {
  const seen = new Set(["keys", "undo"])
  assert.deepEqual(shown([{}, { answers: 1 }], seen), [undefined, undefined])
})

test("what is over before it was due comes later all the same", () => {
  assert.deepEqual(shown([{ pointed: true }, { answers: 1, pointed: false }]), ["keys", "undo"])
})

test("one that was closed gives way to the next", () => {
  const seen = new Set(["keys"])
  assert.deepEqual(shown([{ answers: 1 }], seen), ["undo"])
  assert.equal(new Set(HINTS.map(({ name }) => name)).size, 3)
})
