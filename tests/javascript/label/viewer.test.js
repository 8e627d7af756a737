import assert from "node:assert/strict"
import { test } from "node:test"
import { fitting, held, kept } from "../../../pages/components/label/viewer.js"

test("an image fits by the side that is longer for the room", () => {
  assert.equal(fitting({ x: 400, y: 300 }, { x: 800, y: 300 }), 0.5)
  assert.equal(fitting({ x: 400, y: 300 }, { x: 100, y: 600 }), 0.5)
})

test("a tiny image is not enlarged beyond sixteen pixels for one", () => {
  assert.equal(fitting({ x: 400, y: 400 }, { x: 8, y: 8 }), 16)
})

test("what is under the pointer stays there", () => {
  const place = kept({ x: -20, y: 10 }, { x: 50, y: 60 }, 1, 2)
  assert.deepEqual(place, { x: -90, y: -40 })
  // the pixel of the image that is under the pointer, before and after
  assert.equal((50 - -20) / 1, (50 - place.x) / 2)
  assert.equal((60 - 10) / 1, (60 - place.y) / 2)
})

test("an image smaller than the room lies in its middle", () => {
  assert.deepEqual(held({ x: -500, y: 90 }, { x: 400, y: 300 }, { x: 100, y: 300 }), { x: 150, y: 0 })
})

test("a larger one leaves no gap on either side", () => {
  const [room, drawn] = [{ x: 400, y: 300 }, { x: 1000, y: 900 }]
  assert.deepEqual(held({ x: 30, y: -50 }, room, drawn), { x: 0, y: -50 })
  assert.deepEqual(held({ x: -700, y: -999 }, room, drawn), { x: -600, y: -600 })
})
