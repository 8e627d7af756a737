// Distances are drawn as `tests/anomaly_core/test_projection.py` says of paper.

import assert from "node:assert/strict"
import { test } from "node:test"

import { RadialScale } from "../../pages/components/sphere/scale.js"

const DRAWN = [0, 0.225, 0.45, 0.7231, 0.8592, 0.96] // of 0, half R, R, 5 R, 20 R and 60 R of 60

/** @param {number[]} found @param {number[]} expected */
const close = (found, expected) =>
  found.forEach((value, at) => { assert.ok(Math.abs(value - expected[at]) < 1e-4, `${value} is not ${expected[at]}`) })

test("the radius is at its place and the farthest item just inside the frame", () => {
  const scale = new RadialScale({ R: 2, reach: 120 })
  close([0, 0.5, 1, 5, 20, 60].map(times => scale.at(2 * times)), DRAWN)
})

test("where all is near every distance is true", () => {
  const scale = new RadialScale({ R: 1, reach: 2.1 })
  close([0.3, 2.1].map(distance => scale.at(distance)), [0.135, 0.945])
})

test("on the even scale all distances are true, however far", () => {
  const scale = new RadialScale({ R: 1, reach: 60 }, true)
  close([1, 30, 60].map(distance => scale.at(distance)), [0.016, 0.48, 0.96])
})

test("a sphere that has collapsed is drawn all the same", () => {
  assert.equal(new RadialScale({ R: 0, reach: 0 }).at(0), 0)
  assert.equal(new RadialScale({ R: 0, reach: 2 }).at(2), 0.96)
  assert.deepEqual(new RadialScale({ R: 0, reach: 2 }).rings(), [])
})

test("rings are in sight and apart, and more of them from near", () => {
  assert.deepEqual(new RadialScale({ R: 0.5, reach: 1.1 }).rings(), [2])
  assert.deepEqual(new RadialScale({ R: 1, reach: 60 }).rings(), [2, 5, 10, 20, 50])
  assert.deepEqual(new RadialScale({ R: 1, reach: 60 }).rings(4), [2, 3, 5, 10, 20, 50])
  assert.deepEqual(new RadialScale({ R: 1, reach: 60 }, true).rings(), [5, 10, 20, 50])
})
