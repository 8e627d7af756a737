// The labels that the server has told this tab of: all that are shown at first, then what has changed.

/** What is delivered of labels: those that changed since event number `labels_since`, or, where that is null,
 * all that are shown. `seq` is the newest event they know of, a label of 0 none.
 * @typedef {{
 *   project: {id: number}, seq: number, labels: [number, number][], labels_since: number | null,
 * }} LabelNews */

export class Labels {
  constructor() {
    /** @type {Map<number, number>} item -> 1 normal, -1 anomalous */
    this.known = new Map()
    /** @type {number | null} the newest event that is known of; null where all are to be sent */
    this.seq = null
    /** @type {number | null} */
    this.project = null
  }

  /** Take what is news, as often as it comes; what would leave a gap is left for the server to send whole.
   * @param {LabelNews} news */
  take({ project, seq, labels, labels_since: since }) {
    const another = project.id !== this.project
    if (since === null || another) this.known.clear()
    this.project = project.id
    if (since !== null && (another || this.seq === null || this.seq < since)) {
      this.seq = null
      return
    }
    for (const [item, y] of labels) {
      if (y) this.known.set(item, y)
      else this.known.delete(item)
    }
    this.seq = seq
  }
}
