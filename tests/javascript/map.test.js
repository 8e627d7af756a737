// What the map asks the server for, and what pointer and keys mean on it.

import assert from "node:assert/strict"
import { test } from "node:test"

import { Parts } from "../../pages/components/explore/parts.js"
import { Hand, longer } from "../../pages/components/sphere/hand.js"
import { Places } from "../../pages/components/sphere/places.js"
import { MOST, roomy } from "../../pages/components/sphere/thumbnails.js"
import { howFar } from "../../pages/components/sphere/tip.js"

/** @param {ArrayBufferView<ArrayBuffer>} array */
const encoded = array => Buffer.from(array.buffer).toString("base64")

function asking() {
  /** @type {string[][]} */
  const asked = []
  const clock = { now: 0 }
  return { asked, clock, parts: new Parts(wants => asked.push(wants), () => clock.now) }
}

test("the server is asked for two parts at a time, the first ones first, and for each once", () => {
  const { asked, parts } = asking()
  parts.want(["a", "b", "a", "c"])
  parts.want(["a", "b", "c"])
  assert.deepEqual(asked, [["a", "b"]])
  parts.take({ a: { codes: "" }, b: {} })
  parts.want(["a", "b", "c"])
  assert.deepEqual(asked, [["a", "b"], ["c"]])
  parts.take({ c: {} })
  parts.want(["a", "b", "c"])
  parts.want(["a"])
  assert.deepEqual(asked.slice(2), [[]]) // it is told once that nothing lacks
})

test("a question that nobody answers is asked again after a while", () => {
  const { asked, clock, parts } = asking()
  parts.want(["a"])
  clock.now = 7_999
  parts.want(["a"])
  clock.now = 8_000
  parts.want(["a"])
  assert.deepEqual(asked, [["a"], ["a"]])
})

test("parts are kept as numbers", () => {
  const { parts } = asking()
  parts.take({
    places: { places: encoded(Int16Array.of(-2, 4)), step: 0.5, codes: encoded(Uint8Array.of(0, 3)) },
    chosen: { items: encoded(Uint32Array.of(70_000)) },
    none: { items: "" },
  })
  assert.deepEqual(parts.get("places"), { places: Float32Array.of(-1, 2), codes: Uint8Array.of(0, 3) })
  assert.deepEqual(parts.get("chosen"), { items: [70_000] })
  assert.deepEqual(parts.get("none"), { items: [] })
})

/** A hand over three items on a canvas of 212 by 212 CSS pixels, and what it tells. */
function hand() {
  /** @type {any[]} */
  const told = []
  /** @type {Record<string, (event: any) => void>} */
  const listeners = {}
  const canvas = /** @type {any} */ ({
    addEventListener: (/** @type {string} */ type, /** @type {() => void} */ act) => { listeners[type] = act },
    getBoundingClientRect: () => ({ left: 10, top: 20 }),
    setPointerCapture: () => {},
  })
  const places = new Places()
  places.travel(Float32Array.of(0, 0, 1, 0, 0, 1), { R: 1, reach: 2 })
  places.lay(212, 212)
  const tell = (/** @type {string} */ what) => (/** @type {any} */ value) => told.push([what, value])
  const made = new Hand(canvas, places, {
    ready: () => true, draw: () => {}, point: tell("point"), open: tell("open"), reach: tell("reach"), choose: tell("choose"),
    even: () => told.push(["even"]),
  })
  /** @param {string} type @param {number} x @param {number} y */
  const pointer = (type, x, y) => listeners[type]({ button: 0, pointerId: 1, clientX: x + 10, clientY: y + 20 })
  /** @param {string} key */
  const press = key => listeners.keydown({ key, preventDefault: () => told.push(["kept", key]) })
  return { made, told, places, pointer, press }
}

test("the pointer means the item near it; a click opens it, a click beside it nothing", () => {
  const { told, pointer } = hand()
  pointer("pointermove", 150, 106)
  pointer("pointerdown", 150, 106)
  pointer("pointerup", 152, 107)
  pointer("pointerdown", 30, 30)
  pointer("pointerup", 30, 30)
  assert.deepEqual(told, [["point", 1], ["open", 1]])
})

test("a drag moves the map, a lasso chooses what is in it", () => {
  const { made, told, places, pointer } = hand()
  pointer("pointerdown", 50, 50)
  pointer("pointermove", 70, 40)
  pointer("pointerup", 70, 40)
  assert.deepEqual([places.pan, told], [[20, -10], []])
  places.pan = [0, 0]
  made.lassoing = true
  pointer("pointerdown", 90, 90)
  for (const [x, y] of [[170, 90], [170, 120], [90, 120]]) pointer("pointermove", x, y)
  assert.equal(made.path?.length, 4)
  pointer("pointerup", 90, 120)
  assert.deepEqual(told, [["choose", [0, 1]]])
  assert.equal(made.path, null)
})

test("arrow keys walk and Enter opens; other keys are the page's", () => {
  const { told, press } = hand()
  for (const key of ["Enter", "ArrowRight", "ArrowRight", "Enter", "x"]) press(key)
  assert.deepEqual(told.filter(([what]) => what !== "kept"), [["point", 0], ["reach", 0], ["point", 1], ["reach", 1], ["open", 1]])
  assert.deepEqual(told.filter(([what]) => what === "kept").map(([, key]) => key), ["ArrowRight", "ArrowRight", "Enter"])
})

test("a key changes the scale, another shows the whole map", () => {
  const { told, places, press } = hand()
  places.zoomBy(4)
  press("e")
  press("0")
  assert.deepEqual(told.filter(([what]) => what !== "kept"), [["even"]])
  assert.equal(places.zoom, 1)
})

test("many images are asked for at once, beside what is large", () => {
  const { asked, parts } = asking()
  const images = Array.from({ length: 60 }, (_, item) => `image-${item}`)
  parts.want(["a", "b", "c", ...images])
  assert.deepEqual(asked, [["a", "b", ...images.slice(0, 48)]])
})

test("only so many images are held", () => {
  const { parts } = asking()
  parts.take({ a: {} })
  for (let item = 0; item < 400; item++) parts.take({ [`image-${item}`]: { picture: "" } })
  assert.deepEqual([0, 99, 100, 399].map(item => parts.get(`image-${item}`) !== undefined), [false, false, true, true])
  assert.ok(parts.get("a"))
})

/** Items in a row, some CSS pixels apart, laid out near by. @param {number} apart @param {number} many */
function row(apart, many) {
  const places = new Places()
  places.drawn = Float32Array.from({ length: 2 * many }, (_, at) => (at % 2 ? 100 : (at / 2) * apart))
  places.to = places.drawn
  return places
}

test("images stand where they do not lie over each other, so many at most", () => {
  assert.deepEqual(roomy(row(33, 5), 400, 400), [])
  assert.deepEqual(roomy(row(40, 3), 80, 200), [1, 0]) // the third is out of sight
  assert.equal(roomy(row(34, 300), 34 * 300, 200).length, MOST)
  const pair = row(40, 4)
  pair.drawn[2] = 20 // onto the first
  assert.deepEqual(roomy(pair, 400, 200).sort(), [2, 3])
})

test("how far out an item lies is told in words and in multiples of R", () => {
  assert.equal(howFar(0.46, 2), "well inside (0.23 R)")
  assert.equal(howFar(1.9, 2), "inside (0.95 R)")
  assert.equal(howFar(2.1, 2), "outside, near the line (1.1 R)")
  assert.equal(howFar(4, 2), "outside (2.0 R)")
  assert.equal(howFar(30, 2), "far outside (15 R)")
  assert.equal(howFar(0.5, 0), "distance 0.500")
})

test("a path gets a corner only where the pointer has gone a way", () => {
  assert.deepEqual(longer([[0, 0]], [1, 1], 3), [[0, 0]])
  assert.deepEqual(longer([[0, 0]], [3, 0], 3), [[0, 0], [3, 0]])
})
