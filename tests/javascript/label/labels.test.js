import assert from "node:assert/strict"
import { test } from "node:test"

import { Labels } from "../../../pages/components/label/labels.js"
import { filled } from "../../../pages/components/label/lately.js"

/** @param {number | null} since @param {number} seq @param {[number, number][]} labels @param {number} id */
const news = (since, seq, labels, id = 1) => ({ project: { id }, seq, labels, labels_since: since })
/** @param {Labels} labels */
const known = labels => Object.fromEntries(labels.known)

test("all come first, then what has changed; a label of 0 is gone", () => {
  const labels = new Labels()
  assert.equal(labels.seq, null)
  labels.take(news(null, 5, [[3, 1], [4, -1]]))
  labels.take(news(5, 8, [[4, 0], [7, 1]]))
  assert.deepEqual([known(labels), labels.seq], [{ 3: 1, 7: 1 }, 8])
})

test("news that come twice, or reach further back than need be, do no harm", () => {
  const labels = new Labels()
  labels.take(news(null, 5, [[3, 1]]))
  const later = news(5, 8, [[4, -1]])
  for (const told of [later, later, news(2, 9, [[3, 0], [4, -1]])]) labels.take(told)
  assert.deepEqual([known(labels), labels.seq], [{ 4: -1 }, 9])
})

test("all that are shown take the place of what was known", () => {
  const labels = new Labels()
  labels.take(news(null, 5, [[3, 1]]))
  labels.take(news(null, 9, [[4, -1]]))
  assert.deepEqual([known(labels), labels.seq], [{ 4: -1 }, 9])
})

test("news that would leave a gap are not taken, and all are asked for", () => {
  const labels = new Labels()
  labels.take(news(4, 8, [[3, 1]]))
  assert.deepEqual([known(labels), labels.seq], [{}, null])
  labels.take(news(null, 5, [[3, 1]]))
  labels.take(news(7, 8, [[4, 1]]))
  assert.deepEqual([known(labels), labels.seq], [{ 3: 1 }, null])
})

test("of another project nothing is kept", () => {
  const labels = new Labels()
  labels.take(news(null, 5, [[3, 1]]))
  labels.take(news(5, 8, [[4, 1]], 2))
  assert.deepEqual([known(labels), labels.seq], [{}, null])
  labels.take(news(null, 8, [[9, -1]], 2))
  assert.deepEqual([known(labels), labels.seq], [{ 9: -1 }, 8])
})

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
