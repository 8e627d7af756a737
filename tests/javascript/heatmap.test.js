// Which place of a heatmap the keyboard reaches, and how strong a value is drawn.

import assert from "node:assert/strict"
import { test } from "node:test"

import { shareOf, walked, within } from "../../pages/components/heatmap/heatmap.js"

const SIZE = { height: 28, width: 20 }

test("arrow keys begin in the middle, go place by place and stop at the edge", () => {
  const middle = walked(null, [0, 1], 1, SIZE)
  assert.deepEqual(middle, [14, 10])
  assert.deepEqual(walked(middle, [0, 1], 1, SIZE), [14, 11])
  assert.deepEqual(walked(middle, [-1, 0], 10, SIZE), [4, 10])
  assert.deepEqual(walked([4, 10], [-1, 0], 10, SIZE), [0, 10])
  assert.deepEqual(walked([27, 19], [1, 0], 1, SIZE), [27, 19])
})

test("a pointer at the very edge means the last place", () => {
  assert.deepEqual(within([28, 20], SIZE), [27, 19])
  assert.deepEqual(within([-0.1, 3.9], SIZE), [0, 3])
})

test("a value is as strong as its share of the end on its side", () => {
  assert.equal(shareOf(0.5, -1, 1), 0.5)
  assert.equal(shareOf(-0.25, -1, 1), 0.25)
  assert.equal(shareOf(0, -1, 1), 0)
  assert.equal(shareOf(3, 0, 2), 1)
})
