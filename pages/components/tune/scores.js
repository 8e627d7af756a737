// @ts-nocheck
// What a threshold does, computed from sorted scores that were sent once.

export class Scores {
  /** `normal`, `anomalous` and `pool` are base64 of ascending little-endian 32-bit floats. */
  constructor({ normal, anomalous, pool }) {
    this.normal = floats(normal)
    this.anomalous = floats(anomalous)
    this.pool = floats(pool)
  }

  /** Counts, shares and what follows from them; NaN is undefined. */
  at(threshold, worth) {
    const truePositive = above(this.anomalous, threshold)
    const falsePositive = above(this.normal, threshold)
    const recall = truePositive / this.anomalous.length
    const falsePositiveRate = falsePositive / this.normal.length
    return {
      threshold,
      truePositive,
      falsePositive,
      falseNegative: this.anomalous.length - truePositive,
      trueNegative: this.normal.length - falsePositive,
      recall,
      falsePositiveRate,
      ...worthOf(recall, falsePositiveRate, worth),
      alerts: (1000 * above(this.pool, threshold)) / this.pool.length,
      passed: 1 - above(this.pool, threshold) / this.pool.length,
    }
  }

  /** So many of the decisions that the scores allow, from flagging all to flagging none. */
  cuts(most, worth) {
    const all = Float64Array.from([...this.normal, ...this.anomalous]).sort()
    const step = Math.max(1, all.length / most)
    const thresholds = [-Infinity]
    for (let at = 0; at < all.length; at += step) thresholds.push(all[Math.floor(at)])
    thresholds.push(all[all.length - 1])
    return [...new Set(thresholds)].map(threshold => this.at(threshold, worth))
  }
}

/** Precision, F-beta and cost per 1,000 images where `prevalence` of them are anomalous. */
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

/** How many of the ascending scores exceed the threshold. */
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

function floats(text) {
  const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0))
  return new Float32Array(bytes.buffer)
}
