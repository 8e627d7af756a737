import assert from "node:assert/strict"
import { test } from "node:test"

import { Labels } from "../../pages/components/label/labels.js"

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
