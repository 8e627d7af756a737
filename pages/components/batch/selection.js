// Which places of the grid the next mark goes to: those selected, else the one under the cursor.

/** @typedef {number | "up" | "down" | "first" | "last"} Step */

export class Selection {
  constructor() {
    this.cursor = 0
    this.anchor = 0 // where a range begins
    /** @type {Set<number>} */
    this.places = new Set()
  }

  get targets() {
    return this.places.size > 0 ? [...this.places] : [this.cursor]
  }

  /** Forget it, for other images. */
  reset() {
    this.cursor = this.anchor = 0
    this.places.clear()
  }

  /** @param {Iterable<number>} places */
  select(places) {
    this.places = new Set(places)
    this.anchor = this.cursor
  }

  /** Select from where the range begins to the cursor. */
  range() {
    const from = Math.min(this.anchor, this.cursor)
    const length = Math.abs(this.cursor - this.anchor) + 1
    this.places = new Set(Array.from({ length }, (_, at) => from + at))
  }

  /** Move the cursor by places or by what `step` names, on a grid of so many columns and images;
   * what would leave the grid above or below stays where it is.
   * @param {Step} step @param {number} columns @param {number} count */
  move(step, columns, count) {
    const steps = { up: -columns, down: columns, first: -this.cursor, last: count }
    const to = this.cursor + (typeof step === "number" ? step : steps[step])
    const leaves = (step === "up" && to < 0) || (step === "down" && to >= count)
    if (!leaves) this.cursor = Math.max(0, Math.min(count - 1, to))
  }

  /** Go on to the next of some places, if there is one, and let go of what is selected.
   * @param {number[]} places */
  goOn(places) {
    this.cursor = places.find(place => place > this.cursor) ?? this.cursor
    this.select([])
  }

  /** A pointer meant a place; `far` selects a range, `more` adds or takes away.
   * @param {number} place @param {boolean} far @param {boolean} more */
  click(place, far, more) {
    this.cursor = place
    if (far) return this.range()
    const toggled = new Set(this.places)
    if (!toggled.delete(place)) toggled.add(place)
    this.select(more ? toggled : [place])
  }

  /** A line was drawn round places; `more` keeps what was selected before. While it is being `drawn`
   * the cursor stays.
   * @param {number[]} places @param {boolean} more @param {boolean} drawn */
  enclose(places, more, drawn) {
    this.places = new Set([...(more ? this.places : []), ...places])
    if (drawn && places.length > 0) this.cursor = this.anchor = places[0]
  }
}
