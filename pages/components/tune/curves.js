// @ts-nocheck
// The charts below the matrix: what every other threshold would do.

import { short } from "./axis.js"
import { Chart } from "./chart.js"

const CUTS = 400
const SHARES = [0, 0.25, 0.5, 0.75, 1].map(share => [share, `${100 * share}%`])
const DEVIATES = [0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99]
const FURTHEST = 3.2 // standard deviations that the axes of the DET curve reach

export class Curves {
  constructor(scores, axis, { worth, bands, calibration }, look) {
    const cuts = scores.cuts(CUTS, worth)
    const scoreTicks = axis.ticks.map(score => [axis.place(score), short(score)])
    const along = cuts.slice(1).map(cut => [axis.place(cut.threshold), cut])
    const follow = name => along.map(([place, cut]) => [place, cut[name]])
    const targets = place => cuts.slice(1).map(cut => ({ at: place(cut), score: cut.threshold, words: rates(cut) }))
    this.axis = axis
    this.byThreshold = new Chart("Against the threshold", {
      x: { label: "anomaly score", ticks: scoreTicks },
      y: { label: "share", ticks: SHARES },
      lines: [
        { name: "recall", kind: "recall", points: follow("recall") },
        { name: "false alarms", kind: "alarms", points: follow("falsePositiveRate") },
        { name: "precision", kind: "precision", points: follow("precision") },
      ],
      areas: ["recall", "alarms", "precision"].map(kind => ({ kind, points: area(axis, bands, kind) })),
      targets: ["recall", "falsePositiveRate", "precision"].flatMap(name =>
        targets(cut => [axis.place(cut.threshold), cut[name]]),
      ),
      look,
    })
    this.roc = new Chart("Recall against false alarms (ROC)", {
      x: { label: "false alarms", ticks: SHARES },
      y: { label: "recall", ticks: SHARES },
      lines: [{ name: "ROC", kind: "recall", points: cuts.map(cut => [cut.falsePositiveRate, cut.recall]) }],
      targets: targets(cut => [cut.falsePositiveRate, cut.recall]),
      look,
    })
    this.precisionRecall = new Chart("Precision and recall", {
      x: { label: "recall", ticks: SHARES },
      y: { label: "precision", ticks: SHARES },
      lines: [{ name: "precision", kind: "precision", points: cuts.map(cut => [cut.recall, cut.precision]) }],
      targets: targets(cut => [cut.recall, cut.precision]),
      look,
    })
    const deviates = DEVIATES.map(share => [deviate(share), `${Number((100 * share).toPrecision(3))}%`])
    this.det = new Chart("Misses against false alarms (DET)", {
      x: { label: "false alarms", ticks: deviates },
      y: { label: "missed", ticks: deviates },
      lines: [{ name: "DET", kind: "alarms", points: cuts.map(cut => errors(cut)).filter(inside) }],
      targets: targets(errors).filter(({ at }) => inside(at)),
      look,
    })
    this.calibration = new Chart("Share of anomalies, by place in the pool", {
      x: { label: "images of the pool with lower scores", ticks: SHARES },
      y: { label: "anomalous", ticks: SHARES },
      lines: [{ name: "share", kind: "recall", points: calibration.map(({ place, share }) => [place, share]) }],
      areas: [{ kind: "recall", points: range(calibration) }],
      targets: calibration.map(({ place, share, low, high }) => ({
        at: [place, share],
        score: scores.pool[Math.floor(place * scores.pool.length)],
        words: [`${percent(share)} anomalous`, `between ${percent(low)} and ${percent(high)}`],
      })),
      look,
    })
    const all = [this.byThreshold, this.roc, this.precisionRecall, this.det, this.calibration]
    this.elements = all.map(chart => chart.element)
  }

  mark(now) {
    const place = this.axis.place(now.threshold)
    const caught = `Recall ${percent(now.recall)}`
    const alarms = `false alarms ${percent(now.falsePositiveRate)}`
    const right = `precision ${percent(now.precision)}`
    const shares = [now.recall, now.falsePositiveRate, now.precision]
    this.byThreshold.mark(shares.map(share => [place, share]), `${caught}, ${alarms}, ${right}.`, true)
    this.roc.mark([[now.falsePositiveRate, now.recall]], `${caught}, ${alarms}.`)
    this.precisionRecall.mark([[now.recall, now.precision]], `${caught}, ${right}.`)
    this.det.mark([errors(now)], `${caught}, ${alarms}.`)
    this.calibration.mark([[now.passed, NaN]], `The threshold is above ${percent(now.passed)}.`, true)
  }
}

/** What a decision gives, in two lines. */
const rates = cut => [
  `score ${short(cut.threshold)}: recall ${percent(cut.recall)}`,
  `false alarms ${percent(cut.falsePositiveRate)}, precision ${percent(cut.precision)}`,
]

/** A band as the outline of an area: along its high side and back along its low side. */
function area(axis, bands, kind) {
  const places = bands.threshold.map(score => axis.place(score))
  const [low, high] = bands[kind]
  const known = places.map((_, at) => at).filter(at => low[at] !== null && high[at] !== null)
  return [
    ...known.map(at => [places[at], high[at]]),
    ...known.reverse().map(at => [places[at], low[at]]),
  ]
}

function range(calibration) {
  return [
    ...calibration.map(({ place, high }) => [place, high]),
    ...[...calibration].reverse().map(({ place, low }) => [place, low]),
  ]
}

/** False alarms and misses on axes on which normal scores give a straight line. */
const errors = ({ falsePositiveRate, recall }) => [deviate(falsePositiveRate), deviate(1 - recall)]
const inside = ([x, y]) => x > 0 && x < 1 && y > 0 && y < 1

/** Where a share lies on an axis of standard deviations, from 0 to 1. */
function deviate(share) {
  if (!(share > 0)) return share === 0 ? 0 : NaN
  if (share >= 1) return 1
  let [low, high] = [-FURTHEST, FURTHEST]
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2
    if (normalShare(middle) < share) low = middle
    else high = middle
  }
  return (low + FURTHEST) / (2 * FURTHEST)
}

/** The share of a normal distribution below z, by Abramowitz and Stegun 26.2.17. */
function normalShare(z) {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const series = [1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.31938153]
  const sum = series.reduce((total, factor) => (total + factor) * t, 0)
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum
  return z > 0 ? 1 - tail : tail
}

export const percent = share => (Number.isFinite(share) ? `${(100 * share).toFixed(1)}%` : "undefined")
