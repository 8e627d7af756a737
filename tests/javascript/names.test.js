import assert from "node:assert/strict"
import { test } from "node:test"

import { claim, newId, ownClient } from "../../pages/components/js/names.js"
import { FakeStorage } from "./fakes.js"

/** Tabs of one browser: what one posts, the others hear. */
class FakeChannel {
  /** @param {FakeChannel[]} all */
  constructor(all) {
    this.all = all
    /** @type {any} */
    this.onmessage = null
    all.push(this)
  }
  /** @param {any} data */
  postMessage(data) {
    for (const other of this.all) if (other !== this) other.onmessage?.({ data })
  }
}

test("no two names are the same", () => {
  assert.equal(new Set(Array.from({ length: 1000 }, newId)).size, 1000)
})

test("a tab keeps its name over a reload, unless it asks for a fresh one or storage is forbidden", () => {
  const storage = new FakeStorage()
  const name = ownClient(() => storage)
  assert.equal(ownClient(() => storage), name)
  assert.notEqual(ownClient(() => storage, true), name)
  const forbidden = () => { throw new Error("forbidden") }
  assert.notEqual(ownClient(forbidden), ownClient(forbidden))
})

test("a duplicated tab is renamed, and the one it came from is not", () => {
  /** @type {FakeChannel[]} */
  const channels = []
  /** @type {string[]} */
  const renamed = []
  for (const [tab, client] of [["old", "same"], ["other", "different"], ["new", "same"]]) {
    claim({ client }, () => void renamed.push(tab), /** @type {any} */ (new FakeChannel(channels)))
  }
  assert.deepEqual(renamed, ["new"])
})
