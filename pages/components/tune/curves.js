// The charts below the matrix: what every other threshold would do.

import { make } from "../js/dom.js"
import { digits, percent } from "../js/numbers.js"
import { Chart } from "./chart.js"

/** @import { ScoreAxis } from "./axis.js" */
/** @import { Axis, Place } from "./chart.js" */
/** @import { Cut, Scores, Worth } from "./scores.js" */

/** `null` is undefined. @typedef {[low: (number | null)[], high: (number | null)[]]} Limits */
/** @typedef {Record<"recall" | "alarms" | "precision", Limits> & {threshold: number[]}} Bands */
/** @typedef {{place: number, share: number, low: number, high: number}} Share of anomalies */
/** @typedef {{worth: Worth, bands: Bands, calibration: Share[]}} Data */

const CUTS = 400
const MISSING =
  "What is missed against false alarms, and precision against recall, are drawn once a normal and an anomalous image are known here."
const FURTHEST = 3.2 // standard deviations that the axes of the DET curve reach
/** @type {Axis["ticks"]} */
const SHARES = [0, 0.25, 0.5, 0.75, 1].map(share => [share, `${100 * share}%`])
/** @type {Axis["ticks"]} */
const DEVIATES = [0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99].map(share => [deviate(share), `${digits(100 * share)}%`])
const LINES = /** @type {const} */ ([
  { name: "recall", kind: "recall", rate: "recall" },
  { name: "false alarms", kind: "alarms", rate: "falsePositiveRate" },
  { name: "precision", kind: "precision", rate: "precision" },
])

export class Curves {
  /** @param {Scores} scores @param {ScoreAxis} axis @param {Data} data
   * @param {(score: number) => void} look */
  constructor(scores, axis, { worth, bands, calibration }, look) {
    this.axis = axis
    this.cuts = scores.cuts(CUTS, worth)
    this.look = look
    this.byThreshold = this.everyRate(bands)
    this.roc = this.traded(
      "Recall against false alarms (ROC)",
      { name: "ROC", kind: "recall", x: "false alarms", y: "recall", ticks: SHARES },
      cut => [cut.falsePositiveRate, cut.recall],
    )
    this.precisionRecall = this.traded(
      "Precision and recall",
      { name: "precision", kind: "precision", x: "recall", y: "precision", ticks: SHARES },
      cut => [cut.recall, cut.precision],
    )
    this.det = this.traded(
      "Misses against false alarms (DET)",
      { name: "DET", kind: "alarms", x: "false alarms", y: "missed", ticks: DEVIATES },
      errors,
    )
    this.calibration = this.byPlace(scores.pool, calibration)
    const both = this.cuts.some(cut => !Number.isNaN(cut.recall) && !Number.isNaN(cut.falsePositiveRate))
    const traded = both ? [this.roc, this.precisionRecall, this.det] : []
    this.elements = [this.byThreshold, ...traded, this.calibration].map(chart => chart.element)
    if (!both) this.elements.push(make("p", {}, MISSING))
  }

  /** What the pointer finds on a line. @param {(cut: Cut) => Place} place */
  targets(place) {
    return this.cuts.slice(1).map(cut => ({ at: place(cut), score: cut.threshold, words: rates(cut) }))
  }

  /** @param {Bands} bands */
  everyRate(bands) {
    const { axis, cuts, look } = this
    /** @type {(rate: typeof LINES[number]["rate"]) => (cut: Cut) => Place} */
    const at = rate => cut => [axis.place(cut.threshold), cut[rate]]
    return new Chart("Against the threshold", {
      x: { label: "anomaly score", ticks: axis.ticks.map(score => [axis.place(score), digits(score)]) },
      y: { label: "share", ticks: SHARES },
      lines: LINES.map(({ name, kind, rate }) => ({ name, kind, points: cuts.slice(1).map(at(rate)) })),
      areas: LINES.map(({ kind }) => ({ kind, points: area(axis, bands.threshold, bands[kind]) })),
      targets: LINES.flatMap(({ rate }) => this.targets(at(rate))),
      look,
    })
  }

  /** One rate against another; what is not between 0 and 1 is left out where the axes go on and on.
   * @param {string} title
   * @param {{name: string, kind: string, x: string, y: string, ticks: Axis["ticks"]}} line
   * @param {(cut: Cut) => Place} place */
  traded(title, { name, kind, x, y, ticks }, place) {
    const shown = (/** @type {Place} */ at) => ticks === SHARES || at.every(share => share > 0 && share < 1)
    return new Chart(title, {
      x: { label: x, ticks },
      y: { label: y, ticks },
      lines: [{ name, kind, points: this.cuts.map(place).filter(shown) }],
      targets: this.targets(place).filter(({ at }) => shown(at)),
      look: this.look,
    })
  }

  /** @param {Float32Array} pool @param {Share[]} calibration */
  byPlace(pool, calibration) {
    return new Chart("Share of anomalies, by place in the pool", {
      x: { label: "images of the pool with lower scores", ticks: SHARES },
      y: { label: "anomalous", ticks: SHARES },
      lines: [{ name: "share", kind: "recall", points: calibration.map(({ place, share }) => [place, share]) }],
      areas: [{ kind: "recall", points: outline(calibration.map(({ place, low, high }) => [place, low, high])) }],
      targets: calibration.map(({ place, share, low, high }) => ({
        at: [place, share],
        score: pool[Math.floor(place * pool.length)],
        words: [`${percent(share)} anomalous`, `between ${percent(low)} and ${percent(high)}`],
      })),
      look: this.look,
    })
  }

  /** @param {Cut} now */
  mark(now) {
    const place = this.axis.place(now.threshold)
    const caught = `Recall ${percent(now.recall)}`
    const alarms = `false alarms ${percent(now.falsePositiveRate)}`
    const right = `precision ${percent(now.precision)}`
    this.byThreshold.mark(LINES.map(({ rate }) => [place, now[rate]]), `${caught}, ${alarms}, ${right}.`, true)
    this.roc.mark([[now.falsePositiveRate, now.recall]], `${caught}, ${alarms}.`)
    this.precisionRecall.mark([[now.recall, now.precision]], `${caught}, ${right}.`)
    this.det.mark([errors(now)], `${caught}, ${alarms}.`)
    this.calibration.mark([[now.passed, Number.NaN]], `The threshold is above ${percent(now.passed)}.`, true)
  }
}

/** What a decision gives, in two lines. @param {Cut} cut */
const rates = cut => [
  `score ${digits(cut.threshold)}: recall ${percent(cut.recall)}`,
  `false alarms ${percent(cut.falsePositiveRate)}, precision ${percent(cut.precision)}`,
]

/** A band over some scores as the outline of an area.
 * @param {ScoreAxis} axis @param {number[]} scores @param {Limits} limits */
function area(axis, scores, [lows, highs]) {
  return outline(scores.flatMap((score, at) => {
    const [low, high] = [lows[at], highs[at]]
    return low === null || high === null ? [] : [[axis.place(score), low, high]]
  }))
}

/** Along the high side of places, each with its low and high, and back along the low one.
 * @param {number[][]} band */
function outline(band) {
  /** @type {Place[]} */
  const out = band.map(([place, , high]) => [place, high])
  /** @type {Place[]} */
  const back = band.map(([place, low]) => [place, low])
  return [...out, ...back.reverse()]
}

/** False alarms and misses on axes on which normal scores give a straight line.
 * @param {Cut} cut @returns {Place} */
const errors = ({ falsePositiveRate, recall }) => [deviate(falsePositiveRate), deviate(1 - recall)]

/** Where a share lies on an axis of standard deviations, from 0 to 1. @param {number} share */
export function deviate(share) {
  if (!(share > 0)) return share === 0 ? 0 : Number.NaN
  if (share >= 1) return 1
  let [low, high] = [-FURTHEST, FURTHEST]
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2
    if (normalShare(middle) < share) low = middle
    else high = middle
  }
  return (low + FURTHEST) / (2 * FURTHEST)
}

/** The share of a normal distribution below z, by Abramowitz and Stegun 26.2.17. @param {number} z */
function normalShare(z) {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const series = [1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.31938153]
  const sum = series.reduce((total, factor) => (total + factor) * t, 0)
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum
  return z > 0 ? 1 - tail : tail
}
