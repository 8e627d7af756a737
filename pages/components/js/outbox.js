// Answers on their way to the store. An answer stays here, and in the browser's own storage, until
// the server has said what became of it; it is sent as often as that takes, and stored once.
// There is one outbox a tab; it outlives the components that are mounted on its pages.

import { newId } from "./names.js"

/** @import { Kept } from "./kept.js" */
/** @import { Line } from "./line.js" */

const GAP = 300 // ms between two sendings, at least
const LONGEST_GAP = 4000
const FRAMES = 50 // ms in which the browser paints what an answer has changed
const TOGETHER = 500 // answers sent at a time, so that the server takes any of them
const PATIENCE = [3000, 6000, 12000] // ms before sending again what nothing was heard of

/**
 * What a person did, as it goes to the store; `queued` is the order in which it is sent.
 * @typedef {{
 *   uuid: string, project: number, created: string, annotator: number, item: number,
 *   kind: "answer" | "skip" | "repeat" | "flag" | "undo", answer?: string | null, undoes?: string,
 *   batch?: string, note?: string | null, version: number | null,
 *   strategy: string | null, pressed_at: number, shown_at?: number,
 *   prediction_shown?: boolean, queued: number,
 * }} Draft
 */
/** Why one is not stored: a reason to act on, a sentence for the person.
 * @typedef {{reason: string, sentence: string}} Refusal */
/** What became of one: the number it is stored under, or why it is not.
 * @typedef {{event: Draft, seq: number | null, refusal: Refusal | null}} Outcome */
/** What the server says of a sending.
 * @typedef {{
 *   number: string, stored?: Record<string, number>, refused?: Record<string, Refusal>, foreign?: string[],
 *   unnamed?: {places: number[], sentence: string}, version?: number | null, training?: boolean,
 * }} Heard
 */
/** @typedef {(payload: {number: string, events: Draft[]}) => void} Send */
/** @typedef {(what: "added" | "connection" | "settled" | "renamed", told: Outcome[]) => void} Listener */

export class Outbox {
  /** @param {string} client the name of this tab @param {Line} line @param {Kept} kept
   * @param {{connected: boolean}} site @param {() => number} now in ms */
  constructor(client, line, kept, site, now) {
    this.client = client
    this.line = line
    this.kept = kept
    this.site = site
    this.now = now
    this.waiting = new Map(kept.recall().map(draft => [draft.uuid, draft])) // in the order they were given
    /** @type {Set<string>} */
    this.parked = new Set() // uuids of another data directory or person: kept, but not sent again
    /** @type {Set<Listener>} */
    this.listeners = new Set()
    /** @type {Send | null} */
    this.send = null // while a component is mounted that can
    /** @type {{number: string, at: number, uuids: string[]} | null} */
    this.pending = null // the sending that may still be answered
    this.tries = 0
    this.gap = GAP
    this.sentAt = -LONGEST_GAP
    this.last = 0 // `queued` of the newest
    /** @type {boolean | undefined} */
    this.wasConnected = undefined
    /** @type {Heard | null} */
    this.heard = null // what the server said last; see the pump
    /** @type {number[]} */
    this.latencies = [] // ms from each answer to its outcome, for whoever measures
  }

  get size() {
    return this.waiting.size - this.parked.size
  }

  get connected() {
    return this.site.connected
  }

  /** Take events in; from here on they are safe from a reload.
   * @param {Draft[]} drafts */
  add(drafts) {
    for (const draft of drafts) {
      this.last = draft.queued = Math.max(this.last + 1, Date.now())
      this.waiting.set(draft.uuid, draft)
      this.kept.remember(draft)
    }
    setTimeout(() => this.flush(), FRAMES) // the next image comes first
    this.tell("added")
  }

  /** Send what waits, unless a sending is under way that may still be answered. */
  flush() {
    const online = this.connected
    if (online !== this.wasConnected) {
      this.wasConnected = online
      if (online) this.pending = null
      this.tell("connection")
    }
    if (!this.send || !online || this.size === 0) return
    const now = this.now()
    if (this.pending && now - this.pending.at < (PATIENCE[this.tries] ?? PATIENCE[2])) return
    if (now - this.sentAt < this.gap) return
    this.tries = this.pending ? this.tries + 1 : 0
    this.transmit()
  }

  transmit() {
    const number = newId()
    this.sentAt = this.now()
    const events = [...this.waiting.values()].filter(({ uuid }) => !this.parked.has(uuid)).slice(0, TOGETHER)
    this.pending = { number, at: this.sentAt, uuids: events.map(({ uuid }) => uuid) }
    this.line.say("outbox", () => this.send?.({ number, events }))
  }

  /** Send again at once what has no outcome. */
  retry() {
    this.pending = null
    this.tries = 0
    this.flush()
  }

  /** Take note of what became of events; what is settled need not be kept any longer.
   * @param {Heard} heard */
  settle(heard) {
    const { stored = {}, foreign = [] } = heard
    const refused = { ...heard.refused, ...this.unnamed(heard) }
    /** @type {Outcome[]} */
    const told = []
    for (const uuid of foreign) this.parked.add(uuid)
    for (const uuid of [...Object.keys(stored), ...Object.keys(refused)]) {
      const event = this.waiting.get(uuid)
      if (!event) continue
      this.waiting.delete(uuid)
      this.kept.forget(uuid)
      this.latencies.push(Date.now() - event.pressed_at * 1000)
      told.push({ event, seq: stored[uuid] ?? null, refusal: refused[uuid] ?? null })
    }
    if (this.pending && heard.number === this.pending.number) {
      const took = this.now() - this.pending.at
      this.gap = Math.min(Math.max(GAP, 3 * took), LONGEST_GAP) // a slow browser has better to do
      this.pending = null
    }
    this.heard = heard
    this.tell("settled", told)
    // What was refused must not lie in the page's state, to be sent again after a restart.
    if (told.some(({ refusal }) => refusal) && this.size === 0) this.transmit()
    this.flush()
  }

  /** What the server could not even call by its name, as it lay in the sending: it is given up, or it would
   * be sent for ever, by every tab.
   * @param {Heard} heard @returns {Record<string, Refusal>} */
  unnamed({ number, unnamed }) {
    if (!unnamed || number !== this.pending?.number) return {}
    const { uuids } = this.pending
    const { sentence } = unnamed
    return Object.fromEntries(unnamed.places.map(place => [uuids[place], { reason: "invalid", sentence }]))
  }

  /** Somebody else answers in this tab by now: what was theirs may be sent again. */
  unpark() {
    this.parked.clear()
  }

  /** @param {string} client */
  rename(client) {
    this.client = client
    this.tell("renamed")
  }

  /** The events of one person at one project that have no outcome yet, oldest first.
   * @param {{project: {id: number, created: string}, annotator: {id: number}}} whose */
  waitingOf({ project, annotator }) {
    return [...this.waiting.values()].filter(
      draft =>
        draft.project === project.id &&
        draft.created === project.created &&
        draft.annotator === annotator.id,
    )
  }

  persist() {
    for (const draft of this.waiting.values()) this.kept.remember(draft)
  }

  /** @param {Listener} listener */
  listen(listener) {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /** @param {Parameters<Listener>[0]} what @param {Outcome[]} told */
  tell(what, told = []) {
    for (const listener of this.listeners) listener(what, told)
  }
}
