import assert from "node:assert/strict"
import { test } from "node:test"

import { Queue } from "../../../pages/components/label/queue.js"

/** @param {number} item @returns {any} */
const ticket = item => ({ item, reason: "it is near", repeat: false, version: 1 })
/** What the history knows: items handled here, and items put back.
 * @param {number[]} handled @param {number[]} reopened @returns {any} */
const knows = (handled = [], reopened = []) => ({
  open: handled.map(item => ({ item })),
  reopened: (/** @type {number} */ item) => reopened.includes(item),
})
/** @param {number[]} items @param {number | null} held */
const delivery = (items, held = null) => ({ queue: items.map(ticket), past_tickets: [ticket(99)], held })
/** @param {Queue} queue */
const items = queue => [queue.current?.item, ...queue.ahead.map(({ item }) => item)]

/** @param {number[]} first */
function begun(...first) {
  const queue = new Queue()
  queue.take(delivery(first), knows())
  return queue
}

test("the first delivery asks its first item; answered ones are left out", () => {
  const queue = new Queue()
  assert.equal(queue.take(delivery([1, 2, 3]), knows([2])), null)
  assert.deepEqual(items(queue), [1, 3])
})

test("a delivery never replaces what is on screen, wherever it stands in line now", () => {
  const queue = begun(1, 2, 3)
  assert.equal(queue.take(delivery([4, 1, 5], 1), knows()), null)
  assert.deepEqual(items(queue), [1, 4, 5])
  assert.equal(queue.take(delivery([6, 7], null), knows()), null) // it did not know of item 1
  assert.deepEqual(items(queue), [1, 6, 7])
})

test("what went to somebody else makes way for the next, unless it was just put back", () => {
  const queue = begun(1, 2)
  assert.equal(queue.take(delivery([2, 3], 1), knows([], [1])), null)
  assert.equal(queue.take(delivery([2, 3], 1), knows()), 1)
  assert.deepEqual(items(queue), [2, 3])
  assert.equal(queue.take(delivery([], 2), knows()), 2)
  assert.deepEqual(items(queue), [undefined])
})

test("an item whose answer is taken back is asked again, before the one on screen", () => {
  const queue = begun(1, 2, 3)
  queue.next()
  assert.equal(queue.again(1, false), true)
  assert.deepEqual(items(queue), [1, 2, 3])
  assert.deepEqual([queue.current?.again, queue.current?.version], [true, 1])
  assert.equal(queue.again(77, true), false)
  assert.deepEqual(items(queue), [77, 1, 2, 3])
  assert.equal(queue.current?.repeat, true)
  assert.deepEqual(queue.coming(2), [1, 2])
})
