// @ts-nocheck
// What this tab knows of a person's own events: what the server said last, and what came since.

import { newId } from "./outbox.js"
import { outbox } from "./tab.js"

const WALKED_BACK = ["answer", "skip", "repeat"] // what undo takes back, newest first

export class History {
  constructor() {
    this.recent = [] // events that the newest data may not know of; `seq` once they are stored
    this.data = { past: [], left: 0 }
  }

  /** Keep of the own events those that the newest data does not tell of, an earlier page's too. */
  take(data) {
    this.data = data
    const known = new Set(this.recent.map(({ uuid }) => uuid))
    const there = new Set(data.past.map(({ uuid }) => uuid))
    for (const event of outbox.waitingOf(data)) {
      if (!known.has(event.uuid)) this.recent.push({ ...event, seq: null })
    }
    this.recent = this.recent.filter(({ seq, uuid }) => !(seq && seq <= data.seq) && !there.has(uuid))
  }

  /** Make an event of the person's own; `shown` is what the screen knew of the item. */
  event(item, shown, values) {
    const { project, annotator } = this.data
    return {
      uuid: newId(),
      project: project.id,
      created: project.created,
      annotator: annotator.id,
      item,
      version: shown.version ?? null,
      round: shown.round ?? 0,
      strategy: shown.strategy ?? null,
      utility: shown.utility ?? null,
      pressed_at: Date.now() / 1000,
      ...values,
    }
  }

  send(events) {
    this.recent.push(...events.map(event => ({ ...event, seq: null })))
    outbox.add(events)
  }

  /** Note that an event is stored, or forget it because it was refused. */
  settle({ event: { uuid }, seq, sentence }) {
    if (sentence) this.recent = this.recent.filter(event => event.uuid !== uuid)
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

  /** All answers and skips that stand, as far as this tab knows, oldest first. */
  get standing() {
    const { undone } = this
    const there = new Set(this.data.past.map(({ uuid }) => uuid))
    const newer = this.open.filter(({ uuid }) => !there.has(uuid))
    return [
      ...this.data.past.filter(({ uuid }) => !undone.has(uuid)),
      ...newer.map(event => ({ ...event, said: event.answer ?? event.kind })),
    ]
  }

  /** Whether an item has been put back by an undo that the newest data may not know of. */
  reopened = item => this.recent.some(event => event.kind === "undo" && event.item === item)

  /** Labels left in the budget, once everything on its way has arrived. */
  get left() {
    const bought = ({ kind = "answer", said }) => kind === "answer" && said !== "unsure"
    const { undone } = this
    const back = this.data.past.filter(past => undone.has(past.uuid) && bought(past))
    const spent = this.open.filter(({ kind, answer }) => bought({ kind, said: answer }))
    return this.data.left - spent.length + back.length
  }
}
