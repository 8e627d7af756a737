// What stands in for a browser in these tests.

import { mock } from "node:test"

/** @import { Draft } from "../../pages/components/js/outbox.js" */
/** @import { Told } from "../../pages/components/desk/history.js" */

/** Storage that holds so many keys; with none it is full. @implements {Storage} */
export class FakeStorage {
  /** @param {number} room */
  constructor(room = Infinity) {
    Object.defineProperty(this, "room", { value: room })
  }
  get length() {
    return Object.keys(this).length
  }
  clear() {
    for (const key of Object.keys(this)) this.removeItem(key)
  }
  /** @param {number} at */
  key(at) {
    return Object.keys(this)[at] ?? null
  }
  /** @param {string} key @returns {string | null} */
  getItem(key) {
    return /** @type {any} */ (this)[key] ?? null
  }
  /** @param {string} key @param {string} value */
  setItem(key, value) {
    if (this.length >= /** @type {any} */ (this).room) throw new Error("full")
    Object.assign(this, { [key]: value })
  }
  /** @param {string} key */
  removeItem(key) {
    delete (/** @type {any} */ (this)[key])
  }
}

/** Stop the clock for a test; returns what lets it go on and what reads it, in ms. */
export function stoppedClock() {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 })
  return { now: () => Date.now(), tick: (/** @type {number} */ ms) => mock.timers.tick(ms), stop: () => mock.timers.reset() }
}

/** An app at one page; whoever clicks follows at once. */
export class FakeSite {
  constructor() {
    this.connected = true
    this.covered = false
    this.page = ""
    this.address = ""
    /** @type {any} */
    this.clicked = undefined
    /** @type {string[]} */
    this.opened = []
  }
  /** @param {any} event */
  linkOf = event => event.link
  /** @param {string} page */
  open = page => void this.opened.push(page)
  /** @param {() => void} then */
  afterSending = then => void setTimeout(then)
}

/** @param {string} uuid @param {Partial<Draft>} values @returns {Draft} */
export const draft = (uuid, values = {}) => ({
  uuid, project: 1, created: "then", annotator: 7, item: 3, kind: "answer", answer: "normal", version: 1,
  strategy: "margin", pressed_at: 1000, queued: 0, ...values,
})

/** @param {Partial<Told>} values @returns {Told} */
export const told = (values = {}) => ({
  project: { id: 1, created: "then" }, annotator: { id: 7 }, past: [], seq: 0, left: 10, ...values,
})
