import assert from "node:assert/strict"
import { afterEach, beforeEach, test } from "node:test"

import { Kept } from "../../pages/components/js/kept.js"
import { Line } from "../../pages/components/js/line.js"
import { Outbox } from "../../pages/components/js/outbox.js"
import { FakeSite, FakeStorage, draft, stoppedClock } from "./fakes.js"

/** @import { Outcome, Send } from "../../pages/components/js/outbox.js" */

/** @type {ReturnType<typeof stoppedClock>} */
let clock
/** @type {Parameters<Send>[0][]} */
let sent
const site = new FakeSite()
const NO = { reason: "budget spent", sentence: "The budget is spent." }

beforeEach(() => {
  clock = stoppedClock()
  sent = []
  site.connected = true
})
afterEach(() => clock.stop())

const opened = (storage = new FakeStorage()) => {
  const box = new Outbox("me", new Line(site, clock.now), new Kept(() => storage), site, clock.now)
  box.send = payload => void sent.push(payload)
  return box
}
const uuids = () => sent.map(({ events }) => events.map(({ uuid }) => uuid))

/** Let the outbox look at its work for so long.
 * @param {Outbox} box @param {number} ms */
function pass(box, ms) {
  for (let at = 0; at < ms; at += 50) {
    clock.tick(50)
    box.flush()
  }
}

test("an answer is sent at once, again while nothing is heard of it, and no more once it is stored", () => {
  const box = opened()
  box.add([draft("a")])
  pass(box, 100)
  assert.deepEqual(uuids(), [["a"]])
  pass(box, 2800)
  assert.equal(sent.length, 1)
  pass(box, 400)
  assert.deepEqual(uuids(), [["a"], ["a"]])
  box.settle({ number: sent[1].number, stored: { a: 12 } })
  pass(box, 30_000)
  assert.equal(sent.length, 2)
  assert.equal(box.size, 0)
})

test("each time it waits longer before it sends again", () => {
  const box = opened()
  box.add([draft("a")])
  pass(box, 40_000)
  assert.equal(sent.length, 5) // after 3, 6, 12 and 12 seconds
})

test("what comes while a sending is under way goes with the next, all in the order it was given", () => {
  const box = opened()
  box.add([draft("a")])
  pass(box, 100)
  box.add([draft("b"), draft("c")])
  pass(box, 100)
  assert.equal(sent.length, 1)
  box.settle({ number: sent[0].number, stored: { a: 1 } })
  pass(box, 500)
  assert.deepEqual(uuids(), [["a"], ["b", "c"]])
  assert.ok(sent[1].events[0].queued < sent[1].events[1].queued)
})

test("a server that takes long is asked less often", () => {
  const box = opened()
  box.add([draft("a")])
  pass(box, 100)
  pass(box, 1000)
  box.settle({ number: sent[0].number, stored: { a: 1 } })
  assert.ok(box.gap > 3000 && box.gap <= 4000)
})

test("nothing is sent without a connection, and all of it when that is back", () => {
  const box = opened()
  /** @type {string[]} */
  const heard = []
  box.listen(what => void heard.push(what))
  site.connected = false
  box.add([draft("a")])
  pass(box, 20_000)
  assert.equal(sent.length, 0)
  site.connected = true
  pass(box, 200)
  assert.deepEqual(uuids(), [["a"]])
  assert.deepEqual(heard, ["added", "connection", "connection"])
})

test("a reload finds what had no outcome, in the order it was given", () => {
  const storage = new FakeStorage()
  opened(storage).add([draft("b"), draft("a")])
  storage.setItem("ringfence.event.half", '{"uuid": "ha')
  storage.setItem("another.app", "left alone")
  const box = opened(storage)
  assert.deepEqual([...box.waiting.keys()], ["b", "a"])
  assert.equal(storage.getItem("ringfence.event.half"), null)
  box.settle({ number: "", stored: { a: 1, b: 2 } })
  assert.deepEqual(Object.keys(storage), ["another.app"])
})

test("with storage that is full or forbidden answers are sent all the same", () => {
  const box = opened(new FakeStorage(0))
  const refused = new Outbox("me", box.line, new Kept(() => { throw new Error("forbidden") }), site, clock.now)
  for (const one of [box, refused]) {
    one.add([draft("a")])
    assert.equal(one.size, 1)
    one.persist()
  }
})

test("listeners hear what became of each answer", () => {
  const box = opened()
  /** @type {Outcome[]} */
  const outcomes = []
  const deaf = box.listen((_, told) => void outcomes.push(...told))
  box.add([draft("a"), draft("b", { item: 4 })])
  pass(box, 100)
  box.settle({ number: sent[0].number, stored: { a: 5, unknown: 6 }, refused: { b: NO } })
  assert.deepEqual(outcomes.map(({ event, seq, refusal }) => [event.item, seq, refusal]), [
    [3, 5, null],
    [4, null, NO],
  ])
  deaf()
  box.tell("renamed", outcomes)
  assert.equal(outcomes.length, 2)
})

test("a refusal is followed by an empty sending, so that no restart finds it again", () => {
  const box = opened()
  box.add([draft("a")])
  pass(box, 100)
  box.settle({ number: sent[0].number, refused: { a: NO } })
  pass(box, 100)
  assert.deepEqual(uuids(), [["a"], []])
})

test("answers of another data directory are kept, but neither sent again nor counted", () => {
  const storage = new FakeStorage()
  const box = opened(storage)
  box.add([draft("a")])
  pass(box, 100)
  box.settle({ number: sent[0].number, foreign: ["a"] })
  assert.equal(box.size, 0)
  pass(box, 10_000)
  assert.equal(sent.length, 1)
  assert.equal(storage.length, 1)
})

test("what another person said is sent again when that person is back", () => {
  const box = opened()
  box.add([draft("a")])
  pass(box, 100)
  box.settle({ number: sent[0].number, foreign: ["a"] })
  box.unpark()
  pass(box, 1_000)
  assert.deepEqual(uuids(), [["a"], ["a"]])
})

test("what the server cannot even name is given up, and is not there after a reload", () => {
  const storage = new FakeStorage()
  const box = opened(storage)
  box.add([draft("a"), draft("x".repeat(99)), draft("b")])
  pass(box, 100)
  const unnamed = { places: [1], sentence: "It could not be read." }
  box.settle({ number: "another", unnamed })
  assert.equal(box.size, 3)
  box.settle({ number: sent[0].number, stored: { a: 1, b: 2 }, unnamed })
  assert.equal(box.size, 0)
  assert.equal(storage.length, 0)
})

test("what waits is told apart by project, its making, and person", () => {
  const box = opened()
  box.add([draft("a"), draft("b", { annotator: 8 }), draft("c", { created: "later" }), draft("d", { project: 2 })])
  const mine = box.waitingOf({ project: { id: 1, created: "then" }, annotator: { id: 7 } })
  assert.deepEqual(mine.map(({ uuid }) => uuid), ["a"])
})
