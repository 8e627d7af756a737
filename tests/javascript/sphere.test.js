// Where items are drawn round the center, and how marks lie over each other.

import assert from "node:assert/strict"
import { test } from "node:test"

import { Raster } from "../../pages/components/sphere/canvas.js"
import { Places } from "../../pages/components/sphere/places.js"

const EXTENT = { R: 1, reach: 2 }

/** Items at these places, laid out on a canvas of 212 by 212 CSS pixels: 50 to one unit.
 * @param {number[]} places @param {Partial<Places>} how */
function laid(places, how = {}) {
  const made = Object.assign(new Places(), how)
  made.travel(Float32Array.from(places), EXTENT)
  made.lay(212, 212)
  return made
}

test("the center is in the middle, up is up, and the farthest item is just in sight", () => {
  const places = laid([0, 0, 1, 0, 0, 2])
  assert.deepEqual([0, 1, 2].map(item => places.at(item)), [[106, 106], [156, 106], [106, 6]])
  assert.equal(places.scale, 50)
})

test("distances are the true ones, whatever is drawn", () => {
  const places = laid([3, 4], { root: true, zoom: 7 })
  assert.equal(places.distance(0), 5)
})

test("with the square root of the distance directions stay and the edge stays", () => {
  const places = laid([0.5, 0, 2, 0], { root: true })
  assert.deepEqual([0, 1].map(item => places.at(item)), [[156, 106], [206, 106]])
  assert.equal(places.shown(0.5), 1)
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
  places.lay(212, 212)
  assert.deepEqual(places.at(1), [156, 106])
  places.travel(Float32Array.from([2, 0, 1, 0]), EXTENT, places.now)
  places.share = 0.5
  assert.equal(places.add([0, 1]), 2)
  assert.deepEqual([...places.now], [1, 0, 1, 0, 0, 1])
})

test("a box is drawn as large as it fits, its middle in the middle", () => {
  const places = new Places()
  places.box = [-1, 3, 0, 1]
  places.travel(Float32Array.from([1, 0.5, 0, 0]), EXTENT)
  places.lay(416, 300)
  assert.equal(places.scale, 100)
  assert.deepEqual(places.at(0), [208, 150])
  assert.deepEqual(places.at(1), places.middle)
})

test("zooming keeps what is under the pointer there, and ends with the whole map", () => {
  const places = laid([0.5, 0.5])
  const [x, y] = places.at(0)
  places.zoomBy(4, [x - 106, y - 106])
  places.lay(212, 212)
  assert.ok(Math.hypot(places.at(0)[0] - x, places.at(0)[1] - y) < 1e-3)
  places.zoomBy(1e9)
  assert.equal(places.zoom, 60)
  places.zoomBy(0)
  assert.deepEqual([places.zoom, places.pan], [1, [0, 0]])
})

test("the nearest item is found within reach, if it may be", () => {
  const places = laid([0, 0, 1, 0, 1, 1])
  assert.equal(places.nearest([150, 100], 12), 1)
  assert.equal(places.nearest([130, 60], 12), null)
  assert.equal(places.nearest([150, 80], 1000, (_dx, _dy, item) => item !== 1), 2)
})

test("arrow keys start at the center and go on to what lies more that way than aside", () => {
  const places = laid([0.1, 0, 1, 0, 0, 1, 1, -0.5])
  assert.equal(places.next(null, [1, 0]), 0)
  assert.equal(places.next(0, [1, 0]), 1)
  assert.equal(places.next(0, [0, -1]), 2)
  assert.equal(places.next(1, [0, 1]), 3)
  assert.equal(places.next(1, [1, 0]), null)
})

test("a lasso holds what is drawn inside it, also where it is hollow", () => {
  const places = laid([0, 0, 1, 0, -1, 0])
  assert.deepEqual(places.within([[100, 100], [160, 100], [160, 112], [100, 112]]), [0, 1])
  // a U round the middle item
  assert.deepEqual(places.within([[40, 0], [70, 0], [70, 200], [140, 200], [140, 0], [170, 0], [170, 212], [40, 212]]), [1, 2])
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
