// What a threshold does, computed from sorted scores that were sent once.

import { bytes } from "../js/codec.js"

/** @typedef {"normal" | "anomalous"} Group of images */
/** @typedef {{prevalence: number, beta: number, miss: number, falseAlarm: number}} Worth */
/** @typedef {Record<Group | "pool", Float32Array>} Sorted ascending */
/** What a threshold gives; NaN is undefined. @typedef {ReturnType<Scores["at"]>} Cut */

export class Scores {
  /** Each is base64 of ascending little-endian 32-bit floats.
   * @param {Record<Group | "pool", string>} sent */
  constructor({ normal, anomalous, pool }) {
    this.normal = floats(normal)
    this.anomalous = floats(anomalous)
    this.pool = floats(pool)
  }

  /** Counts, shares and what follows from them. @param {number} threshold @param {Worth} worth */
  at(threshold, worth) {
    const truePositive = above(this.anomalous, threshold)
    const falsePositive = above(this.normal, threshold)
    const recall = truePositive / this.anomalous.length
    const falsePositiveRate = falsePositive / this.normal.length
    const flagged = above(this.pool, threshold) / this.pool.length
    return {
      threshold,
      truePositive,
      falsePositive,
      falseNegative: this.anomalous.length - truePositive,
      trueNegative: this.normal.length - falsePositive,
      recall,
      falsePositiveRate,
      ...worthOf(recall, falsePositiveRate, worth),
      alerts: 1000 * flagged,
      passed: 1 - flagged,
    }
  }

  /** So many of the decisions that the scores allow, from flagging all to flagging none.
   * @param {number} most @param {Worth} worth */
  cuts(most, worth) {
    const all = Float64Array.from([...this.normal, ...this.anomalous]).sort()
    if (!all.length) return []
    const step = Math.max(1, all.length / most)
    const thresholds = [Number.NEGATIVE_INFINITY]
    for (let at = 0; at < all.length; at += step) thresholds.push(all[Math.floor(at)])
    thresholds.push(all[all.length - 1])
    return [...new Set(thresholds)].map(threshold => this.at(threshold, worth))
  }
}

/** Precision, F-beta and cost per 1,000 images where `prevalence` of them are anomalous.
 * @param {number} recall @param {number} falsePositiveRate @param {Worth} worth */
function worthOf(recall, falsePositiveRate, { prevalence, beta, miss, falseAlarm }) {
  const right = prevalence * recall
  const wrong = (1 - prevalence) * falsePositiveRate
  const weight = beta ** 2
  return {
    precision: right / (right + wrong),
    fBeta: ((1 + weight) * right) / (weight * prevalence + right + wrong),
    cost: 1000 * (prevalence * (1 - recall) * miss + wrong * falseAlarm),
  }
}

/** How many of the ascending scores exceed the threshold.
 * @param {Float32Array} scores @param {number} threshold */
function above(scores, threshold) {
  let low = 0
  let high = scores.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (scores[middle] > threshold) high = middle
    else low = middle + 1
  }
  return scores.length - low
}

/** @param {string} text */
const floats = text => new Float32Array(bytes(text).buffer)
