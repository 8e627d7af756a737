// What a browser keeps of a person's events. Where its storage is full or forbidden, they are still in
// memory and on their way.

/** @import { Draft } from "./outbox.js" */

const PREFIX = "ringfence.event."

export class Kept {
  /** @param {() => Storage} storage which may be refused */
  constructor(storage) {
    this.storage = storage
  }

  /** @param {Draft} draft */
  remember(draft) {
    this.attempt(storage => storage.setItem(PREFIX + draft.uuid, JSON.stringify(draft)))
  }

  /** @param {string} uuid */
  forget(uuid) {
    this.attempt(storage => storage.removeItem(PREFIX + uuid))
  }

  /** All events that are there, oldest first; what a full disk has cut off never counted. */
  recall() {
    /** @type {Draft[]} */
    const drafts = []
    this.attempt(storage => {
      for (const key of Object.keys(storage).filter(name => name.startsWith(PREFIX))) {
        const draft = parsed(storage.getItem(key))
        if (draft) drafts.push(draft)
        else storage.removeItem(key)
      }
    })
    return drafts.sort((one, other) => one.queued - other.queued)
  }

  /** @param {(storage: Storage) => void} act */
  attempt(act) {
    try {
      act(this.storage())
    } catch {
      // Storage is full or forbidden.
    }
  }
}

/** @param {string | null} text @returns {Draft | null} */
function parsed(text) {
  try {
    const draft = JSON.parse(text ?? "null")
    return draft?.uuid ? draft : null
  } catch {
    return null
  }
}
