import assert from "node:assert/strict"
import { test } from "node:test"

import { Seen } from "../../../pages/components/label/seen.js"

/** @returns {any} */
function storage() {
  const kept = new Map()
  return { getItem: (/** @type {string} */ key) => kept.get(key) ?? null, setItem: kept.set.bind(kept), kept }
}

/** @param {number} id @param {number} me */
const whose = (id = 1, me = 7) => ({ project: { id, created: "1.5" }, annotator: { id: me } })

/** @param {any} from @param {ReturnType<typeof whose>} of */
function opened(from, of = whose()) {
  const seen = new Seen(() => from)
  seen.of(of)
  return seen
}

test("what was seen is known after a reload", () => {
  const kept = storage()
  opened(kept).add(3, 5)
  const again = opened(kept)
  assert.deepEqual([3, 4, 5].map(item => again.has(item)), [true, false, true])
})

test("of another project or person nothing is known", () => {
  const kept = storage()
  opened(kept).add(3)
  assert.equal(opened(kept, whose(2)).has(3), false)
  assert.equal(opened(kept, whose(1, 8)).has(3), false)
  const seen = opened(kept)
  seen.of(whose(2))
  assert.equal(seen.has(3), false)
})

test("two tabs forget nothing of each other", () => {
  const kept = storage()
  const [one, other] = [opened(kept), opened(kept)]
  one.add(1)
  other.add(2)
  assert.deepEqual([1, 2].map(item => opened(kept).has(item)), [true, true])
})

test("what was seen before anybody was named is kept too", () => {
  const seen = new Seen(() => storage())
  seen.add(9)
  seen.of(whose())
  assert.ok(seen.has(9))
})

test("a refused storage costs only the memory of it", () => {
  const seen = new Seen(() => { throw new Error("forbidden") })
  seen.of(whose())
  seen.add(4)
  assert.ok(seen.has(4))
})

test("the oldest of very many are forgotten", () => {
  const kept = storage()
  opened(kept).add(...Array.from({ length: 6_000 }, (_, item) => item))
  const again = opened(kept)
  assert.deepEqual([0, 5_999].map(item => again.has(item)), [false, true])
})
