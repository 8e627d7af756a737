// Items of which a person has seen what the model makes of them: an answer to one is not unprompted,
// also after a reload and in another tab.

const PREFIX = "ringfence.seen."
const MOST = 5_000 // items, the newest

/** Whose it is. @typedef {{project: {id: number, created: string}, annotator: {id: number}}} Whose */

export class Seen {
  /** @type {Set<number>} */
  items = new Set()
  key = ""
  kept = "" // what was recalled last

  /** @param {() => Storage} storage which may be refused */
  constructor(storage = () => localStorage) {
    this.storage = storage
  }

  /** Go on with what this person has seen of this project, in this browser. @param {Whose} whose */
  of({ project, annotator }) {
    const key = `${PREFIX}${project.id}.${project.created}.${annotator.id}`
    if (key === this.key) return
    this.items = new Set(this.key ? [] : this.items) // what was seen before the first delivery
    this.key = key
    this.kept = ""
    this.recall()
  }

  /** @param {number} item */
  has(item) {
    if (!this.items.has(item)) this.recall() // another tab may have shown it
    return this.items.has(item)
  }

  /** @param {number[]} items */
  add(...items) {
    const fresh = items.filter(item => !this.items.has(item))
    if (fresh.length === 0) return
    this.recall() // another tab may have added some
    for (const item of fresh) this.items.add(item)
    this.attempt(storage => storage.setItem(this.key, [...this.items].slice(-MOST).join()))
  }

  recall() {
    this.attempt(storage => {
      const kept = storage.getItem(this.key) ?? ""
      if (kept === this.kept) return
      this.kept = kept
      for (const item of kept.split(",")) if (item) this.items.add(Number(item))
    })
  }

  /** @param {(storage: Storage) => void} act */
  attempt(act) {
    if (!this.key) return
    try {
      act(this.storage())
    } catch {
      // Storage is full or forbidden.
    }
  }
}
