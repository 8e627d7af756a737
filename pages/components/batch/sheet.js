// The items of the grid: those on screen with their marks, and those for the grids after it.

export class Sheet {
  /** @param {(item: number) => unknown} drawable whether an item has its image */
  constructor(drawable) {
    this.drawable = drawable
    /** @type {number[]} */
    this.items = [] // on screen
    /** @type {number[]} */
    this.queue = []
    /** @type {Map<number, string>} */
    this.marks = new Map() // the answer of an item, not yet kept
    /** @type {Set<number>} */
    this.taken = new Set() // on screen, but answered by somebody else
  }

  /** What is on screen and may be answered. */
  get open() {
    return this.items.filter(item => !this.taken.has(item))
  }

  /** The places of what may be answered. */
  get openPlaces() {
    return [...this.items.keys()].filter(place => !this.taken.has(this.items[place]))
  }

  get marked() {
    return this.open.filter(item => this.marks.has(item))
  }

  /** How many labels the marks would cost. */
  get cost() {
    return this.marked.filter(item => this.marks.get(item) !== "unsure").length
  }

  /** @param {number[]} items */
  show(items) {
    this.items = items.filter(this.drawable)
    this.taken.clear()
  }

  /** Leave out what others have answered; it stays where it is, so that nothing moves.
   * @param {number[]} items @returns {number[]} those that were open until now */
  giveUp(items) {
    const lost = items.filter(item => this.open.includes(item))
    for (const item of lost) {
      this.taken.add(item)
      this.marks.delete(item)
    }
    return lost
  }

  /** Fill the screen up to a size with what is next in line; returns whether there was anything.
   * @param {number} size */
  fill(size) {
    const free = this.queue.filter(item => !this.items.includes(item) && this.drawable(item))
    const more = free.slice(0, Math.max(0, size - this.items.length))
    this.items.push(...more)
    return more.length > 0
  }

  /** Mark what is at some places, or take the marks away.
   * @param {number[]} places @param {string} [answer] */
  mark(places, answer) {
    for (const place of places) {
      const item = this.items[place]
      if (item === undefined || this.taken.has(item)) continue
      if (answer) this.marks.set(item, answer)
      else this.marks.delete(item)
    }
  }

  /** The mark that a tap gives to what is at a place, undefined for none.
   * @param {number} place */
  following(place) {
    const mark = this.marks.get(this.items[place])
    return mark === undefined ? "normal" : mark === "normal" ? "anomalous" : undefined
  }

  /** Mark what has no mark yet; returns how many that were.
   * @param {string} answer */
  rest(answer) {
    const bare = this.open.filter(item => !this.marks.has(item))
    for (const item of bare) this.marks.set(item, answer)
    return bare.length
  }

  /** Take off the screen what is marked. */
  keep() {
    const kept = new Set(this.marked)
    this.show(this.open.filter(item => !kept.has(item)))
    this.queue = this.queue.filter(item => !kept.has(item))
    for (const item of kept) this.marks.delete(item)
  }

  /** Put items back on screen with their marks; what has no room there is next in line.
   * @param {Map<number, string>} marks @param {number} size */
  bringBack(marks, size) {
    const before = this.open.filter(item => !marks.has(item))
    const room = Math.max(0, size - marks.size)
    for (const [item, answer] of marks) this.marks.set(item, answer)
    this.queue = [...before.slice(room), ...this.queue]
    this.show([...marks.keys(), ...before.slice(0, room)])
  }
}
