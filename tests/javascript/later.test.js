import assert from "node:assert/strict"
import { afterEach, beforeEach, test } from "node:test"

import { Later } from "../../pages/components/desk/later.js"
import { stoppedClock } from "./fakes.js"

/** @type {ReturnType<typeof stoppedClock>} */
let clock
beforeEach(() => {
  clock = stoppedClock()
})
afterEach(() => clock.stop())

/** What draws, taking so many ms each time, and when it has drawn. @param {number} [ms] */
function drawing(ms = 0) {
  const began = clock.now()
  /** @type {number[]} */
  const drawn = []
  let spent = 0
  const now = () => clock.now() + spent
  const later = new Later(() => {
    drawn.push(clock.now() - began)
    spent += ms
  }, { now, idle: then => then() })
  return { later, drawn }
}

/** Press keys, each so many ms after the last, then wait. @param {Later} later @param {number} keys @param {number} apart */
function press(later, keys, apart) {
  for (let key = 0; key < keys; key++) {
    later.ask()
    pass(key < keys - 1 ? apart : 2000)
  }
}

/** Let so many ms go by, a few at a time. @param {number} ms */
function pass(ms) {
  for (let at = 0; at < ms; at += 10) clock.tick(10)
}

test("it is drawn once, a moment after the last of many words", () => {
  const { later, drawn } = drawing()
  press(later, 5, 10)
  assert.deepEqual(drawn, [80])
})

test("in a burst without a pause it is drawn now and then", () => {
  const { later, drawn } = drawing()
  press(later, 60, 20)
  assert.equal(drawn.length, 3)
})

test("the longer it takes, the longer keys go before it", () => {
  const quick = drawing(1)
  press(quick.later, 5, 200)
  assert.equal(quick.drawn.length, 5)
  const slow = drawing(100)
  press(slow.later, 5, 200)
  assert.equal(slow.drawn.length, 2)
})

test("what was stopped, or waits for an idle moment, draws no more than once", () => {
  /** @type {(() => void)[]} */
  const waiting = []
  let drawn = 0
  const later = new Later(() => void (drawn += 1), { now: clock.now, idle: then => void waiting.push(then) })
  later.ask()
  clock.tick(50)
  later.ask() // before the browser was idle
  clock.tick(50)
  for (const then of waiting) then()
  assert.equal(drawn, 1)
  later.ask()
  later.stop()
  clock.tick(500)
  assert.equal(waiting.length, 2)
})
