import assert from "node:assert/strict"
import { test } from "node:test"

import { History } from "../../pages/components/desk/history.js"
import { draft, told } from "./fakes.js"

/** @import { Draft } from "../../pages/components/js/outbox.js" */

/** A history whose outbox holds what it was sent, and what an earlier page left.
 * @param {Draft[]} waiting */
function begun(waiting = []) {
  const history = new History({ add: drafts => void waiting.push(...drafts), waitingOf: () => waiting })
  history.take(told())
  return history
}
/** @param {string} uuid @param {object} values */
const past = (uuid, values = {}) => ({ uuid, item: 3, kind: "answer", said: "normal", batch: null, ...values })
/** @param {History} history */
const standing = history => history.standing.map(({ uuid, said }) => [uuid, said])

test("an event says who answered what, and what the screen knew", () => {
  const made = begun().event(5, { version: 2, strategy: "margin" }, { kind: "answer", answer: "normal" })
  assert.deepEqual(
    { ...made, uuid: "", pressed_at: 0 },
    draft("", { item: 5, version: 2, pressed_at: 0 }),
  )
  assert.throws(() => new History({ add() {}, waitingOf: () => [] }).event(1, {}, { kind: "skip" }), /first delivery/)
})

test("answers stand from the moment they are given, those of an earlier page too", () => {
  const history = begun([draft("left", { answer: "anomalous" })])
  history.send([draft("a"), draft("b", { kind: "skip", answer: null }), draft("c", { kind: "flag" })])
  assert.deepEqual(standing(history), [["left", "anomalous"], ["a", "normal"], ["b", "skip"]])
})

test("a label costs one, an unsure answer, a skip and a repeat nothing, and undo gives it back", () => {
  const history = begun()
  assert.equal(history.left, 10)
  history.send([draft("a"), draft("b", { answer: "unsure" }), draft("c", { kind: "skip", answer: null }), draft("d", { kind: "repeat" })])
  assert.equal(history.left, 9)
  history.send([draft("e", { kind: "undo", undoes: "a", answer: undefined })])
  assert.equal(history.left, 10)
  assert.ok(history.reopened(3))
  assert.deepEqual(standing(history), [["b", "unsure"], ["c", "skip"], ["d", "normal"]])
})

test("what the server tells of counts once, and its undoing gives its label back", () => {
  const history = begun()
  history.send([draft("a")])
  history.settle({ event: draft("a"), seq: 4, refusal: null })
  assert.equal(history.left, 9)
  history.take(told({ past: [past("a")], seq: 4, left: 9 }))
  assert.deepEqual(standing(history), [["a", "normal"]])
  assert.equal(history.left, 9)
  history.send([draft("u", { kind: "undo", undoes: "a" })])
  assert.equal(history.left, 10)
  assert.deepEqual(standing(history), [])
})

test("what was stored after the delivery was made is kept, what came before it is not", () => {
  const waiting = [draft("a"), draft("b")]
  const history = begun(waiting)
  history.settle({ event: draft("a"), seq: 4, refusal: null })
  history.settle({ event: draft("b"), seq: 6, refusal: null })
  waiting.length = 0
  history.take(told({ seq: 5 }))
  assert.deepEqual(history.recent.map(({ uuid }) => uuid), ["b"])
})

test("what was refused is forgotten", () => {
  const history = begun()
  history.send([draft("a")])
  history.settle({ event: draft("a"), seq: null, refusal: { reason: "budget spent", sentence: "The budget is used up." } })
  assert.deepEqual([history.left, history.standing], [10, []])
})
