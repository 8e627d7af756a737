// What this tab knows of a person's own events: what the server said last, and what came since.

import { newId } from "../js/names.js"

/** @import { Draft, Outbox, Outcome } from "../js/outbox.js" */

/** An answer or skip that stands, as the server tells of it; without `seq` it tells of it not yet.
 * @typedef {{
 *   uuid: string, seq?: number | null, item: number, kind: string, said: string, batch: string | null,
 * }} Past */
/** What a delivery says of the person; `seq` is the newest event that it knows of.
 * @typedef {{
 *   project: {id: number, created: string}, annotator: {id: number}, past: Past[], seq: number, left: number,
 * }} Told */
/** What the screen knew of an item.
 * @typedef {{version?: number | null, strategy?: string | null}} Shown */
/** An event that the newest data may not know of; `seq` once it is stored.
 * @typedef {Draft & {seq: number | null}} Recent */

const WALKED_BACK = ["answer", "skip", "repeat"] // what undo takes back, newest first

export class History {
  /** @param {Pick<Outbox, "add" | "waitingOf">} outbox */
  constructor(outbox) {
    this.outbox = outbox
    /** @type {Recent[]} */
    this.recent = []
    /** @type {Told | null} */
    this.told = null
  }

  /** Keep of the own events those that the newest data does not tell of, an earlier page's too.
   * @param {Told} told */
  take(told) {
    this.told = told
    const known = new Set(this.recent.map(({ uuid }) => uuid))
    const there = new Set(told.past.map(({ uuid }) => uuid))
    for (const draft of this.outbox.waitingOf(told)) {
      if (!known.has(draft.uuid)) this.recent.push({ ...draft, seq: null })
    }
    this.recent = this.recent.filter(({ seq, uuid }) => !(seq && seq <= told.seq) && !there.has(uuid))
  }

  get past() {
    return this.told?.past ?? []
  }

  /** Make an event of the person's own.
   * @param {number} item @param {Shown} shown @param {Pick<Draft, "kind"> & Partial<Draft>} values
   * @returns {Draft} */
  event(item, shown, values) {
    if (!this.told) throw new Error("Nobody may answer before the first delivery.")
    const { project, annotator } = this.told
    return {
      uuid: newId(),
      project: project.id,
      created: project.created,
      annotator: annotator.id,
      item,
      version: shown.version ?? null,
      strategy: shown.strategy ?? null,
      pressed_at: Date.now() / 1000,
      queued: 0,
      ...values,
    }
  }

  /** @param {Draft[]} drafts */
  send(drafts) {
    this.recent.push(...drafts.map(draft => ({ ...draft, seq: null })))
    this.outbox.add(drafts)
  }

  /** Note that an event is stored, or forget it because it was refused.
   * @param {Outcome} outcome */
  settle({ event: { uuid }, seq, refusal }) {
    if (refusal) this.recent = this.recent.filter(event => event.uuid !== uuid)
    const mine = this.recent.find(event => event.uuid === uuid)
    if (mine) mine.seq = seq
  }

  get undone() {
    return new Set(this.recent.map(({ undoes }) => undoes))
  }

  /** Recent answers and skips that stand. */
  get open() {
    const { undone } = this
    return this.recent.filter(({ kind, uuid }) => WALKED_BACK.includes(kind) && !undone.has(uuid))
  }

  /** All answers and skips that stand, as far as this tab knows, oldest first.
   * @returns {Past[]} */
  get standing() {
    const { undone } = this
    const there = new Set(this.past.map(({ uuid }) => uuid))
    const newer = this.open.filter(({ uuid }) => !there.has(uuid))
    return [
      ...this.past.filter(({ uuid }) => !undone.has(uuid)),
      ...newer.map(({ uuid, seq, item, kind, answer, batch }) => ({
        uuid, seq, item, kind, batch: batch ?? null, said: answer ?? kind,
      })),
    ]
  }

  /** Whether an item has been put back by an undo that the newest data may not know of.
   * @param {number} item */
  reopened = item => this.recent.some(event => event.kind === "undo" && event.item === item)

  /** Labels left in the budget, once everything on its way has arrived. */
  get left() {
    const { undone } = this
    const bought = this.open.filter(({ kind, answer }) => costs(kind, answer))
    const back = this.past.filter(({ uuid, kind, said }) => undone.has(uuid) && costs(kind, said))
    return (this.told?.left ?? 0) - bought.length + back.length
  }
}

/** @param {string} kind @param {string | null} [said] */
const costs = (kind, said) => kind === "answer" && said !== "unsure"
