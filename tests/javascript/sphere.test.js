// Where items are drawn around the center, and how marks lie over each other.

import assert from "node:assert/strict"
import { test } from "node:test"

import { Raster } from "../../pages/components/sphere/canvas.js"
import { Crowd, MANY } from "../../pages/components/sphere/crowd.js"
import { Places } from "../../pages/components/sphere/places.js"
import { flagging } from "../../pages/components/sphere/rings.js"
import { RadialScale } from "../../pages/components/sphere/scale.js"

const SIDE = 2 * 50 / 0.45 // CSS pixels
const M = SIDE / 2
const EXTENT = { R: 1, reach: 2 } // so near that all distances are true

/** Items at these places, laid out on a canvas of 222.2 by 222.2 CSS pixels: 50 to one unit.
 * @param {number[]} places @param {Partial<Places>} how */
function laid(places, how = {}) {
  const made = Object.assign(new Places(), how)
  made.travel(Float32Array.from(places), EXTENT)
  made.lay(SIDE, SIDE)
  return made
}

/** @param {number[][]} places @param {number[][]} expected CSS pixels from the middle, up */
function near(places, expected) {
  const from = places.map(([x, y]) => [x - M, M - y])
  for (const [at, place] of from.entries()) {
    assert.ok(Math.hypot(place[0] - expected[at][0], place[1] - expected[at][1]) < 1e-3, `${place} is not ${expected[at]}`)
  }
}

test("the center is in the middle, up is up, and R is at 45 % of the frame", () => {
  const places = laid([0, 0, 1, 0, 0, 2])
  near([0, 1, 2].map(item => places.at(item)), [[0, 0], [50, 0], [0, 100]])
  assert.equal(places.away(1) / places.half, 0.45)
})

test("R stays where it is, whatever its length, and the farthest item just inside the frame", () => {
  const places = laid([0, 3, 90, 0])
  places.travel(Float32Array.of(0, 3, 90, 0), { R: 3, reach: 90 })
  places.lay(SIDE, SIDE)
  near([0, 1].map(item => places.at(item)), [[0, 50], [0.96 * M, 0]])
  places.even = true
  places.lay(SIDE, SIDE)
  near([0, 1].map(item => places.at(item)), [[0, 0.96 * M / 30], [0.96 * M, 0]])
})

test("what is no item is drawn as far out as an item there", () => {
  const places = laid([0, 3, 90, 0, 0, -30])
  places.travel(Float32Array.of(0, 3, 90, 0, 0, -30), { R: 3, reach: 90 })
  places.lay(SIDE, SIDE)
  for (const [item, [x, y]] of /** @type {[number, [number, number]][]} */ ([[0, [0, 3]], [1, [90, 0]], [2, [0, -30]]])) {
    const [spot, at] = [places.spot([x, y]), places.at(item)]
    assert.ok(Math.hypot(spot[0] - at[0], spot[1] - at[1]) < 1e-3)
  }
  assert.deepEqual(places.spot([0, 0]), places.middle)
})

test("distances are the true ones, whatever is drawn", () => {
  const places = laid([3, 4], { even: true, zoom: 7 })
  assert.equal(places.distance(0), 5)
})

test("on the way from one version to the next everything is where it has got to", () => {
  const places = laid([0, 0, 1, 1])
  places.travel(Float32Array.from([2, 0, 1, 1]), { R: 3, reach: 4 }, places.now)
  assert.deepEqual([places.share, places.radius, places.reach], [0, 1, 2])
  places.share = 0.5
  assert.deepEqual([places.radius, places.reach], [2, 3])
  assert.deepEqual([...places.now], [1, 0, 1, 1])
  const halfway = places.now
  places.travel(Float32Array.from([0, 0, 1, 1]), EXTENT, halfway) // turned round on the way
  assert.deepEqual([...places.now], [1, 0, 1, 1])
  assert.equal(places.radius, 2)
  places.share = 1
  assert.deepEqual([places.radius, ...places.now], [1, 0, 0, 1, 1])
})

test("without a way there they are there at once", () => {
  const places = laid([0, 0])
  places.travel(Float32Array.from([2, 0, 1, 1]), { R: 3, reach: 4 })
  assert.deepEqual([places.share, places.radius, places.count], [1, 3, 2])
})

test("an item that comes later has its place, also while others are on their way", () => {
  const places = laid([0, 0])
  assert.equal(places.add([1, 0]), 1)
  places.lay(SIDE, SIDE)
  near([places.at(1)], [[50, 0]])
  places.travel(Float32Array.from([2, 0, 1, 0]), EXTENT, places.now)
  places.share = 0.5
  assert.equal(places.add([0, 1]), 2)
  assert.deepEqual([...places.now], [1, 0, 1, 0, 0, 1])
})

test("the sphere before stays as long as nobody comes from elsewhere", () => {
  const places = laid([0, 0])
  assert.equal(places.former, null)
  places.travel(Float32Array.of(1, 0), { R: 3, reach: 4 }, places.now)
  assert.equal(places.former, 1)
  places.travel(Float32Array.of(2, 0), { R: 3, reach: 4 }, places.now) // of the same radius
  assert.equal(places.former, 1)
  places.travel(Float32Array.of(2, 0), EXTENT)
  assert.equal(places.former, null)
})

test("zooming keeps what is under the pointer there, and ends with the whole map", () => {
  const places = laid([0.5, 0.5])
  const [x, y] = places.at(0)
  places.zoomBy(4, [x - M, y - M])
  places.lay(SIDE, SIDE)
  assert.ok(Math.hypot(places.at(0)[0] - x, places.at(0)[1] - y) < 1e-3)
  places.zoomBy(1e9)
  assert.equal(places.zoom, 60)
  places.zoomBy(0)
  assert.deepEqual([places.zoom, places.pan], [1, [0, 0]])
})

test("the nearest item is found within reach, if it may be", () => {
  const places = laid([0, 0, 1, 0, 1, 1])
  assert.equal(places.nearest([M + 44, M - 6], 12), 1)
  assert.equal(places.nearest([M + 24, M - 46], 12), null)
  assert.equal(places.nearest([M + 44, M - 26], 1000, (_dx, _dy, item) => item !== 1), 2)
})

test("arrow keys start at the center and go on to what lies more that way than aside", () => {
  const places = laid([0.1, 0, 1, 0, 0, 1, 1, -0.5])
  assert.equal(places.next(null, [1, 0]), 0)
  assert.equal(places.next(0, [1, 0]), 1)
  assert.equal(places.next(0, [0, -1]), 2)
  assert.equal(places.next(1, [0, 1]), 3)
  assert.equal(places.next(1, [1, 0]), null)
})

/** @param {number[]} from the middle @returns {[number, number]} */
const shifted = ([x, y]) => [x + M, y + M]

test("a lasso holds what is drawn inside it, also where it is hollow", () => {
  const places = laid([0, 0, 1, 0, -1, 0])
  assert.deepEqual(places.within([[-6, -6], [54, -6], [54, 6], [-6, 6]].map(shifted)), [0, 1])
  // a U round the middle item
  assert.deepEqual(places.within([[-66, -106], [-36, -106], [-36, 94], [34, 94], [34, -106], [64, -106], [64, 106], [-66, 106]].map(shifted)), [1, 2])
})

/** A raster of a canvas that is never shown. @param {number} side @param {number} ratio */
function raster(side, ratio = 1) {
  const canvas = /** @type {any} */ ({ width: side, height: side, getContext: () => ({}) })
  const made = Object.assign(new Raster(canvas), { ratio, pixels: new Uint32Array(side * side) })
  made.clear([0, 0, 0])
  return made
}

/** Red, green, blue and alpha. @param {Raster} raster @param {number} at */
const pixel = ({ pixels }, at) => [...new Uint8Array(new Uint32Array([pixels[at]]).buffer)]

test("a mark covers its pixels by their shares and no others", () => {
  const drawn = raster(5)
  drawn.mark({ half: 1, x: [0, 1], y: [0, 0], share: [256, 128] }, 2, 2, [200, 100, 50])
  assert.deepEqual(pixel(drawn, 12), [200, 100, 50, 255])
  assert.deepEqual(pixel(drawn, 13), [100, 50, 25, 255])
  assert.deepEqual(pixel(drawn, 11), [0, 0, 0, 255])
})

test("places are CSS pixels, whatever the screen has; what would stick out is left out", () => {
  const drawn = raster(8, 2)
  const stamp = { half: 1, x: [0], y: [0], share: [256] }
  drawn.mark(stamp, 2, 1, [255, 255, 255])
  assert.deepEqual(pixel(drawn, 2 * 8 + 4), [255, 255, 255, 255])
  const before = [...drawn.pixels]
  for (const [x, y] of [[0, 1], [3.9, 1], [1, 0], [1, 3.9]]) drawn.mark(stamp, x, y, [255, 0, 0])
  assert.deepEqual([...drawn.pixels], before)
})

/** How many pixels differ from the background. @param {Raster} raster */
const inked = ({ pixels }) => pixels.filter(pixel => pixel !== pixels[pixels.length - 1]).length

test("a crowd is dots while it is small, and shades by how many there are once it is large", () => {
  const stamp = { half: 0, x: [0], y: [0], share: [256] }
  /** @type {import("../../pages/components/sphere/sphere.js").Mark} */
  const mark = { stamp, colour: [255, 255, 255] }
  const drawn = Object.assign(raster(40), { width: 40, height: 40 })
  const few = Float32Array.of(5, 5, 20, 20, Number.NaN, Number.NaN)
  assert.equal(new Crowd().draw(drawn, few, () => true, mark), false)
  assert.equal(inked(drawn), 2)

  drawn.clear([0, 0, 0])
  const many = new Float32Array(2 * (MANY + 4)).fill(10) // all in one place
  many.set([30, 30], 0) // but one, which is seen all the same
  many.set([300, 300], 2)
  assert.equal(new Crowd().draw(drawn, many, () => true, mark), true)
  const [dense, thin, none] = [[10, 10], [30, 30], [20, 36]].map(([x, y]) => pixel(drawn, y * 40 + x)[0])
  assert.ok(dense > 200 && thin > 20 && thin < dense && none === 0, `${[dense, thin, none]}`)

  drawn.clear([0, 0, 0])
  assert.equal(new Crowd().draw(drawn, many, item => item > 1000, mark), false) // of these, fewer
})

// How far from the middle: `tests/anomaly_core/test_projection.py` says the same of paper.
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

test("where the circle of the line that flags would be a smudge at that of R, its distance is said", () => {
  const at = (/** @type {number} */ limit) => flagging(laid([1, 0]), limit)
  assert.equal(at(1), "flagged beyond")
  assert.equal(at(1.05), "flagged beyond 1.05 R") // 2.5 CSS pixels away
  assert.equal(at(1.5), "flagged beyond") // it has a circle of its own
})
