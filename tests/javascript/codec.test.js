import assert from "node:assert/strict"
import { test } from "node:test"

import { Album } from "../../pages/components/desk/album.js"
import { bytes, colours, differences } from "../../pages/components/js/codec.js"

/** @param {number[]} values */
const sent = values => Buffer.from(values).toString("base64")

test("bytes come as they were sent", () => {
  assert.deepEqual([...bytes(sent([0, 1, 127, 128, 255]))], [0, 1, 127, 128, 255])
  assert.deepEqual([...new Float32Array(bytes(Buffer.from(new Float32Array([0.5, -2]).buffer).toString("base64")).buffer)], [0.5, -2])
})

test("grey pixels become opaque colours, row by row", () => {
  assert.deepEqual([...colours(sent([0, 7, 255, 128, 1, 2]), [2, 3])], [
    [0, 0, 0, 255], [7, 7, 7, 255], [255, 255, 255, 255],
    [128, 128, 128, 255], [1, 1, 1, 255], [2, 2, 2, 255],
  ].flat())
})

test("three values a pixel are red, green and blue", () => {
  assert.deepEqual([...colours(sent([1, 2, 3, 255, 128, 0]), [1, 2])], [1, 2, 3, 255, 255, 128, 0, 255])
})

test("a difference is orange where the first is brighter, blue where the second is, dark where none is", () => {
  const [one, other] = [colours(sent([255, 0, 9]), [1, 3]), colours(sent([0, 255, 9]), [1, 3])]
  assert.deepEqual([...differences(one, other)], [224, 112, 10, 255, 47, 116, 208, 255, 16, 16, 16, 255])
})

/** The colour of the one pixel in which two grey images differ.
 * @param {number} by */
const drawn = by => [...differences(colours(sent([by, 9]), [1, 2]), colours(sent([0, 9]), [1, 2]))].slice(0, 3)

test("the largest difference of faint images is in full colour, one that does not matter is not", () => {
  assert.deepEqual(drawn(100), [224, 112, 10])
  assert.deepEqual(drawn(64), [224, 112, 10])
  assert.deepEqual(drawn(16), [68, 40, 14])
})

test("an album knows images by item and lets the oldest go", () => {
  const album = new Album(2, text => /** @type {any} */ (`drawn ${text}`))
  album.add({ 4: ["a", "b"], 5: ["c", null] }, [1, 1])
  assert.equal(album.image(4), "drawn a")
  assert.equal(album.reconstruction(4), "drawn b")
  assert.equal(album.reconstruction(5), null)
  album.add({ 9: ["d", null] }, [1, 1])
  assert.deepEqual(album.items, [5, 9])
  assert.equal(album.image(4), undefined)
  assert.equal(album.image(undefined), undefined)
})
