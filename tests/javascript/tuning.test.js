// The arithmetic of Tune, beside what the engine finds (tests/anomaly_core/threshold/test_tuning_data.py).

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"

import { ScoreAxis } from "../../pages/components/tune/axis.js"
import { deviate } from "../../pages/components/tune/curves.js"
import { binned, middle, sideBySide } from "../../pages/components/tune/histogram.js"
import { LETTERS, placed } from "../../pages/components/tune/names.js"
import { Scores } from "../../pages/components/tune/scores.js"

const { cases, deviates } = JSON.parse(readFileSync(new URL("../data/tuning.json", import.meta.url), "utf-8"))
/** The engine's names, by ours. @type {Record<string, string>} */
const FIGURES = {
  truePositive: "true_positive",
  falsePositive: "false_positive",
  falseNegative: "false_negative",
  trueNegative: "true_negative",
  recall: "recall",
  falsePositiveRate: "false_positive_rate",
  precision: "precision",
  fBeta: "f_beta",
  cost: "cost",
  alerts: "alerts",
}

/** @param {number[]} scores */
const sent = scores => Buffer.from(new Float32Array(scores).buffer).toString("base64")

/** @param {any} found one of the cases */
const scoresOf = ({ scores: { normal, anomalous, pool } }) =>
  new Scores({ normal: sent(normal), anomalous: sent(anomalous), pool: sent(pool) })

/** @param {any} found one of the cases */
const worthOf = ({ worth: { false_alarm: falseAlarm, ...worth } }) => ({ ...worth, falseAlarm })

/** Equal but for rounding; what is undefined is `null` there and NaN here.
 * @param {number} found @param {number | null} expected @param {string} what */
function same(found, expected, what) {
  if (expected === null) assert.ok(Number.isNaN(found), `${what}: ${found} should be undefined`)
  else assert.ok(Math.abs(found - expected) <= 1e-9 * Math.max(1, Math.abs(expected)), `${what}: ${found}, not ${expected}`)
}

for (const one of cases) {
  test(`thresholds are worth what the engine says: ${one.name}`, () => {
    for (const expected of one.at) {
      /** @type {Record<string, number>} */
      const found = scoresOf(one).at(expected.threshold, worthOf(one))
      for (const [ours, its] of Object.entries(FIGURES)) {
        same(found[ours], expected[its], `${ours} at ${expected.threshold}`)
      }
      same(found.passed, expected.alerts === null ? null : 1 - expected.alerts / 1000, "passed")
    }
  })

  test(`every decision is a cut, from flagging all to flagging none: ${one.name}`, () => {
    const cuts = scoresOf(one).cuts(400, worthOf(one))
    assert.equal(cuts.length, one.cuts.recall.length)
    for (const [at, cut] of cuts.entries()) {
      same(cut.recall, one.cuts.recall[at], `recall of cut ${at}`)
      same(cut.falsePositiveRate, one.cuts.false_positive_rate[at], `false alarms of cut ${at}`)
    }
  })
}

test("of many scores there are about so many cuts, the first flags all and the last none", () => {
  const many = Array.from({ length: 10_000 }, (_, at) => at / 100)
  const scores = new Scores({ normal: sent(many), anomalous: sent([50]), pool: sent(many) })
  const cuts = scores.cuts(400, { prevalence: 0.1, beta: 1, miss: 1, falseAlarm: 1 })
  assert.ok(Math.abs(cuts.length - 402) <= 1)
  assert.deepEqual([cuts[0], cuts[cuts.length - 1]].map(cut => cut.falsePositiveRate), [1, 0])
})

test("shares lie where the normal distribution has them", () => {
  for (const [share, place] of deviates) assert.ok(Math.abs(deviate(share) - place) < 1e-5)
  assert.deepEqual([0, 1].map(deviate), [0, 1])
  assert.ok(Number.isNaN(deviate(Number.NaN)))
})

/** @param {number[]} normal @param {number[]} anomalous */
const axisOf = (normal, anomalous) =>
  new ScoreAxis(new Scores({ normal: sent(normal), anomalous: sent(anomalous), pool: sent([]) }))

test("a place on the axis stands for the score that is drawn there", () => {
  const axis = axisOf([0.01, 1], [100])
  for (const score of [0.01, 0.5, 1, 30, 100]) {
    assert.ok(Math.abs(axis.score(axis.place(score)) / score - 1) < 1e-9)
  }
  assert.ok(axis.place(0.01) < axis.place(1) && axis.place(1) < axis.place(100))
  assert.deepEqual([axis.place(0), axis.place(1e9)], [0, 1])
})

test("what is very close to the center is drawn at the end of the axis, not decades away", () => {
  const axis = axisOf([1e-20, 1], [2])
  assert.equal(axis.place(1e-20), 0)
  assert.ok(axis.place(1) > 0.9)
})

test("ticks are round scores between the ends, and few", () => {
  for (const [low, high] of [[0.9, 1.6], [0.01, 0.9], [1e-5, 300]]) {
    const axis = axisOf([low], [high])
    assert.ok(axis.ticks.length >= 1 && axis.ticks.length <= 12)
    for (const tick of axis.ticks) {
      assert.ok(axis.place(tick) >= 0 && axis.place(tick) <= 1)
      assert.ok(Math.abs(Number(tick.toPrecision(2)) / tick - 1) < 1e-12)
    }
  }
})

test("bars hold every score once, as shares of their group", () => {
  const axis = axisOf([1, 2, 4], [8])
  const { counts, shares } = binned(new Float32Array([1, 2, 4, 4]), axis)
  assert.equal(counts.reduce((sum, count) => sum + count), 4)
  assert.equal(Math.max(...shares), 0.5)
  assert.equal(counts[counts.length - 1], 0) // 8 is not among them
})

test("a group without images has bars of no height, so that those of the other are drawn", () => {
  assert.deepEqual(new Set(binned(new Float32Array(), axisOf([1], [])).shares), new Set([0]))
})

test("the names of the groups stand over their bars, and side by side where these are one", () => {
  const bars = new Array(60).fill(0)
  bars[30] = 1
  assert.equal(middle(bars), 30.5 / 60)
  assert.equal(middle([]), 0.5)
  assert.deepEqual(sideBySide(0.2, 0.7), [0.2, 0.7])
  for (const both of [0, 0.5, 1]) {
    const [left, right] = sideBySide(both, both)
    assert.ok(right - left > 0.25 && left > 0.1 && right < 0.9, `${left}, ${right}`)
  }
})

test("each line is named beside itself, away from the others and their names", () => {
  const along = (/** @type {(share: number) => number[]} */ line) => Array.from({ length: 60 }, (_, at) => line(at / 60))
  const lines = [
    along(x => [50 + 250 * x, 20]),
    along(x => [50 + 250 * x, 160]),
    along(x => [50 + 250 * x, 20 + 140 * x]),
  ]
  const names = placed(["upper", "lower", "falling"], lines)
  const boxes = names.map(({ x, y, text }) => ({ x, y, right: x + text.length * LETTERS.wide, foot: y + LETTERS.high }))
  for (const [at, { x, y, right, foot }] of boxes.entries()) {
    const far = lines.map(line => Math.min(...line.map(([a, b]) =>
      Math.hypot(Math.max(0, x - a, a - right), Math.max(0, y - b, b - foot)))))
    assert.equal(far.indexOf(Math.min(...far)), at, `${names[at].text} is nearest to its own line`)
    assert.ok(far[at] >= LETTERS.off - 1, `${names[at].text} does not lie on it`)
    assert.ok(boxes.every((other, of) => of === at || other.x > right || other.right < x || other.y > foot || other.foot < y))
  }
})
