import assert from "node:assert/strict"
import { test } from "node:test"

import { Opened } from "../../../pages/components/js/opened.js"

function watched() {
  const shows = { count: 0 }
  return { opened: new Opened(() => { shows.count += 1 }), shows }
}

test("what was asked for is shown once it is there, and once", () => {
  const { opened, shows } = watched()
  opened.take(null)
  opened.ask(3)
  assert.equal(shows.count, 0)
  opened.take(3)
  opened.take(3)
  assert.equal(shows.count, 1)
})

test("what is open already is shown at once", () => {
  const { opened, shows } = watched()
  opened.take(3)
  opened.ask(3)
  opened.take(3)
  assert.equal(shows.count, 1)
})

test("what another part has opened is not shown, nor later what was asked for before", () => {
  const { opened, shows } = watched()
  opened.ask(3)
  opened.take(5)
  opened.take(3)
  assert.equal(shows.count, 0)
})
