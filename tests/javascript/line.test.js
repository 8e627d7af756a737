import assert from "node:assert/strict"
import { afterEach, beforeEach, test } from "node:test"

import { Line } from "../../pages/components/js/line.js"
import { FakeSite, stoppedClock } from "./fakes.js"

/** @type {ReturnType<typeof stoppedClock>} */
let clock
/** @type {FakeSite} */
let site
/** @type {Line} */
let line
/** @type {string[]} */
let said

beforeEach(() => {
  clock = stoppedClock()
  site = new FakeSite()
  line = new Line(site, clock.now)
  said = []
})
afterEach(() => clock.stop())

/** @param {string} word @param {string | null} [page] @param {string} speaker */
const say = (word, page, speaker = word) => line.say(speaker, () => void said.push(word), page)

/** A click on a link to a page, and whether it was stopped.
 * @param {string} page */
function click(page) {
  const event = { link: { pathname: `/app/${page}` }, stopped: false, preventDefault() { this.stopped = true }, stopImmediatePropagation() {} }
  line.click(/** @type {any} */ (event))
  return event.stopped
}

test("words are said one after the other, with a pause between", () => {
  say("one")
  say("two")
  clock.tick(0)
  assert.deepEqual(said, ["one"])
  clock.tick(59)
  assert.deepEqual(said, ["one"])
  clock.tick(1)
  assert.deepEqual(said, ["one", "two"])
})

test("a newer word of the same speaker replaces the one that waits, and a dropped one is never said", () => {
  say("first", null, "desk")
  say("second", null, "desk")
  say("third")
  line.drop("third")
  clock.tick(500)
  assert.deepEqual(said, ["second"])
})

test("a word for one page waits until that page is on screen, and holds up no other", () => {
  say("for Batch", "batch")
  say("for all")
  clock.tick(200)
  assert.deepEqual(said, ["for all"])
  site.page = site.address = "batch"
  clock.tick(200)
  assert.deepEqual(said, ["for all", "for Batch"])
})

test("nothing is said while a page is being left", () => {
  assert.equal(click("tune"), false)
  say("late")
  clock.tick(2000)
  assert.deepEqual(said, [])
  site.page = site.address = "tune"
  clock.tick(200)
  assert.deepEqual(said, ["late"])
})

test("a page that never comes is given up", () => {
  click("tune")
  say("at last")
  clock.tick(14_900)
  assert.deepEqual(said, [])
  clock.tick(300)
  assert.deepEqual(said, ["at last"])
})

test("a link that is clicked while a word is on the tongue waits until it is out", () => {
  site.afterSending = then => void setTimeout(then, 20)
  say("word")
  clock.tick(0)
  assert.equal(click("tune"), true)
  assert.deepEqual(site.opened, [])
  clock.tick(20)
  assert.deepEqual(site.opened, ["tune"])
})

test("the way through history is gone a second time after a word", () => {
  site.afterSending = then => void setTimeout(then, 20)
  say("word")
  clock.tick(0)
  site.address = "models"
  line.travel()
  clock.tick(20)
  assert.deepEqual(site.opened, ["models"])
  assert.ok(line.between)
})

test("a link that was clicked before this code was loaded counts", () => {
  const early = new Line(Object.assign(new FakeSite(), { clicked: { pathname: "/batch" } }), clock.now)
  assert.ok(early.between)
})
