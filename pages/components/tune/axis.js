// The axis of scores, logarithmic: squared distances spread over several powers of ten.

/** @import { Sorted } from "./scores.js" */

const LEAST = 1e-6 // of the highest score: what is closer to the center than that is drawn there
const EDGE = 0.02 // beyond the scores, in powers of e

export class ScoreAxis {
  /** @param {Sorted} scores */
  constructor({ normal, anomalous, pool }) {
    const known = [normal, anomalous, pool].filter(scores => scores.length)
    const highest = Math.max(...known.map(scores => scores[scores.length - 1]), 1e-30)
    const lowest = Math.max(Math.min(...known.map(scores => scores[0])), highest * LEAST)
    this.floor = Math.log(lowest) - EDGE
    this.top = Math.max(Math.log(highest), this.floor + 0.1) + EDGE
  }

  /** Where a score is, from 0 at the left to 1 at the right. @param {number} score */
  place(score) {
    const log = Math.log(Math.max(score, 1e-300))
    return Math.min(1, Math.max(0, (log - this.floor) / (this.top - this.floor)))
  }

  /** @param {number} place */
  score(place) {
    return Math.exp(this.floor + place * (this.top - this.floor))
  }

  /** Round scores to write below the axis. */
  get ticks() {
    const found = []
    const from = Math.floor(this.floor / Math.LN10)
    const decades = (this.top - this.floor) / Math.LN10
    const digits = decades > 3 ? [1] : decades > 1.2 ? [1, 3] : [1, 1.5, 2, 3, 4, 5, 7]
    for (let power = from; power <= this.top / Math.LN10; power++) {
      for (const digit of digits) {
        const score = digit * 10 ** power
        if (Math.log(score) >= this.floor && Math.log(score) <= this.top) found.push(score)
      }
    }
    return found
  }
}
