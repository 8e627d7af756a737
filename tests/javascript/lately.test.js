import assert from "node:assert/strict"
import { test } from "node:test"

import { filled } from "../../pages/components/label/lately.js"

/** What the person has said, by item from 1 on; of those with a number the server tells already.
 * @param {string[]} said @param {number | null} [seq] @returns {any[]} */
const own = (said, seq = null) => said.map((word, at) => ({ uuid: `u${at}`, item: at + 1, kind: "answer", said: word, seq }))
/** @param {number} size @param {[number, number][]} [labels] */
const round = (size, labels = []) => ({ size, trained: 10, labels })

test("each answer since the model fills a box, also those that cost nothing", () => {
  const said = ["normal", "unsure", "anomalous", "skip"]
  assert.deepEqual(filled(round(10), own(said)), said)
  assert.deepEqual(filled(round(10), own(said, 11)), said)
})

test("what a model has learned fills none, nor does a second answer to the same image", () => {
  assert.deepEqual(filled(round(10), own(["normal"], 10)), [])
  const again = own(["normal"]).map(one => ({ ...one, kind: "repeat" }))
  assert.deepEqual(filled(round(10), again), [])
})

test("answers of others count too, but nobody's twice", () => {
  assert.deepEqual(filled(round(10, [[7, -1], [1, 1]]), own(["normal"], 12)), ["anomalous", "normal"])
})

test("a round that is full gives way to the next, so that there is never 14 of 10", () => {
  const fourteen = own([...Array(10).fill("normal"), "unsure", "anomalous", "normal", "normal", "normal"])
  assert.deepEqual(filled(round(10), fourteen), ["unsure", "anomalous", "normal", "normal", "normal"])
  assert.deepEqual(filled(round(10), own(Array(10).fill("normal"))), [])
})
