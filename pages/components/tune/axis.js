// @ts-nocheck
// The axis of scores, logarithmic: squared distances spread over several powers of ten.

export class ScoreAxis {
  constructor({ normal, anomalous, pool }) {
    const ends = [normal, anomalous, pool].filter(scores => scores.length)
    const highest = Math.max(...ends.map(scores => scores[scores.length - 1]), 1e-30)
    const floor = highest * 1e-6 // what is closer to the center than that is drawn there
    const lowest = Math.max(Math.min(...ends.map(scores => scores[0])), floor)
    this.floor = Math.log(lowest) - 0.02
    this.top = Math.max(Math.log(highest), this.floor + 0.1) + 0.02
  }

  /** From 0 at the left to 1 at the right. */
  place(score) {
    const log = Math.log(Math.max(score, 1e-300))
    return Math.min(1, Math.max(0, (log - this.floor) / (this.top - this.floor)))
  }

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

export const short = score => (score === 0 ? "0" : Number(score.toPrecision(3)).toString())
