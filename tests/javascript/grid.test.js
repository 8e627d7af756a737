import assert from "node:assert/strict"
import { test } from "node:test"

import { Layout } from "../../pages/components/batch/layout.js"
import { Memory } from "../../pages/components/batch/memory.js"
import { Selection } from "../../pages/components/batch/selection.js"
import { Sheet } from "../../pages/components/batch/sheet.js"
import { FakeStorage, told } from "./fakes.js"
import { answered, rowAndColumn, saved, whereabouts } from "../../pages/components/batch/words.js"

test("images are as large as the room allows, in whole multiples of their pixels and equal rows", () => {
  const wide = new Layout(24, 28, 1200, 900)
  assert.equal(wide.side, 112)
  assert.deepEqual([wide.rows, wide.columns], [3, 8])
  const low = new Layout(24, 28, 1200, 350)
  assert.equal(low.side, 84)
  const narrow = new Layout(24, 28, 50, 100)
  assert.deepEqual([narrow.side, narrow.columns], [56, 1]) // what a finger hits, however long
  assert.equal(new Layout(12, 300, 1200, 900).side, 96)
  assert.equal(new Layout(12, 32, 1200, 900).side, 96)
})

test("a point is over the image that is drawn there, or over none", () => {
  const layout = new Layout(12, 28, 1200, 900)
  for (const place of layout.places) {
    assert.equal(layout.under(layout.center(place)), place)
    const [left, top] = layout.corner(place)
    assert.equal(layout.under([left, top]), place)
    assert.notEqual(layout.under([left - 1, top]), place)
  }
  assert.equal(layout.under([-5, 20]), null)
})

test("a closed line selects the images whose middle it goes round", () => {
  const layout = new Layout(12, 28, 700, 900)
  assert.equal(layout.columns, 4)
  const [x, y] = layout.center(5)
  assert.deepEqual(layout.inside([[x - 9, y - 9], [x + 9, y - 9], [x + 9, y + 9], [x - 9, y + 9]]), [5])
  const [left, top] = layout.center(0)
  const [right, bottom] = layout.center(6)
  const triangle = layout.inside([[left - 5, top - 5], [right + 5, top - 5], [left - 5, bottom + 5]])
  assert.deepEqual(triangle, [0, 1, 4])
})

test("the cursor walks and stays on the grid; up and down do not leave the column", () => {
  const selection = new Selection()
  /** @param {import("../../pages/components/batch/selection.js").Step[]} steps */
  const walk = (...steps) => steps.map(step => {
    selection.move(step, 4, 10)
    return selection.cursor
  })
  assert.deepEqual(walk(1, 1, "down", "down", "down", "up", "last", 1, "first", -1), [1, 2, 6, 6, 6, 2, 9, 9, 0, 0])
})

test("a range is what lies between, clicks toggle, a lasso adds", () => {
  const selection = new Selection()
  assert.deepEqual(selection.targets, [0])
  selection.click(2, false, false)
  selection.click(5, true, false)
  assert.deepEqual(selection.targets, [2, 3, 4, 5])
  selection.click(0, true, false)
  assert.deepEqual(selection.targets, [0, 1, 2])
  selection.click(1, false, true)
  assert.deepEqual(selection.targets, [0, 2])
  selection.enclose([7, 8], true, true)
  assert.deepEqual([selection.targets, selection.cursor], [[0, 2, 7, 8], 7])
  selection.reset()
  assert.deepEqual(selection.targets, [0])
})

/** A sheet with its first items on screen.
 * @param {number} size @param {number[]} items */
function filled(size, ...items) {
  const sheet = new Sheet(item => item !== 13) // which has no image
  sheet.queue = items
  sheet.fill(size)
  return sheet
}

test("the sheet is filled up with what can be drawn, and nothing on screen moves", () => {
  const sheet = filled(3, 1, 13, 2, 3, 4)
  assert.deepEqual(sheet.items, [1, 2, 3])
  sheet.queue = [4, 2, 5]
  assert.equal(sheet.fill(4), true)
  assert.deepEqual(sheet.items, [1, 2, 3, 4])
  assert.equal(sheet.fill(4), false)
})

test("what is marked is kept together; what a colleague answered loses its mark and its say", () => {
  const sheet = filled(4, 1, 2, 3, 4)
  sheet.mark([0, 1, 9], "anomalous")
  sheet.mark([2], "unsure")
  assert.deepEqual([sheet.marked, sheet.cost], [[1, 2, 3], 2])
  assert.deepEqual(sheet.giveUp([2, 8]), [2])
  assert.deepEqual(sheet.giveUp([2]), [])
  sheet.mark([1], "normal")
  assert.deepEqual([sheet.marked, sheet.cost, sheet.rest("normal")], [[1, 3], 1, 1])
  sheet.mark([3])
  sheet.keep()
  assert.deepEqual([sheet.items, sheet.queue, [...sheet.marks]], [[4], [2, 4], []])
})

test("a batch that is taken back is on screen again with its marks, and the others come after it", () => {
  const sheet = filled(3, 4, 5, 6)
  sheet.bringBack(new Map([[1, "normal"], [2, "anomalous"]]), 3)
  assert.deepEqual([sheet.items, sheet.queue.slice(0, 2), sheet.marked], [[1, 2, 4], [5, 6], [1, 2]])
})

test("taps go round the marks", () => {
  const sheet = filled(1, 1)
  const marks = [0, 0, 0].map(place => {
    const mark = sheet.following(place)
    sheet.mark([place], mark)
    return mark
  })
  assert.deepEqual(marks, ["normal", "anomalous", undefined])
})

test("from a marked image one goes on to the next that is open, and stays at the last", () => {
  const sheet = new Sheet(() => true)
  sheet.show([3, 8, 5, 9])
  sheet.giveUp([8])
  const selection = new Selection()
  selection.click(0, false, false)
  const reached = [1, 2, 3].map(() => {
    selection.goOn(sheet.openPlaces)
    return [selection.cursor, selection.places.size]
  })
  assert.deepEqual(reached, [[2, 0], [3, 0], [3, 0]])
})

test("marks, and how many were saved last, are remembered until there are none", () => {
  const storage = new FakeStorage()
  const memory = new Memory(() => storage)
  const whose = told()
  /** @type {[number, string][]} */
  const marks = [[3, "normal"]]
  for (const kept of [{ choice: 1, items: [3, 8], marks, saved: 0 }, { choice: 1, items: [8], marks: [], saved: 5 }]) {
    memory.keep(whose, kept)
    assert.deepEqual(new Memory(() => storage).recall(whose), kept)
  }
  memory.keep(whose, { choice: 1, items: [8], marks: [], saved: 0 })
  assert.equal(memory.recall(whose), null)
})

test("what was sent is said to be saved once it is", () => {
  assert.equal(saved(24, true, "⌫"), "Saving 24 answers ...")
  assert.equal(saved(24, false, "⌫"), "✓ Saved 24 answers; ⌫ takes them back.")
  assert.equal(saved(1, false, "⌫"), "✓ Saved 1 answer; ⌫ takes it back.")
})

test("words say where the cursor is", () => {
  const sheet = filled(2, 1234, 5)
  sheet.mark([0], "normal")
  sheet.giveUp([5])
  assert.equal(whereabouts(sheet, { cursor: 0, places: new Set([0, 1]) }), "Item 1,234: normal; 2 selected")
  assert.equal(whereabouts(sheet, { cursor: 1, places: new Set() }), "Item 5: answered by a colleague")
  assert.equal(whereabouts(sheet, { cursor: 2, places: new Set() }), "No image")
  assert.equal(rowAndColumn({ columns: 4 }, 6), "row 2, column 3")
  assert.equal(answered([7]), "Item 7 was answered by a colleague meanwhile")
  assert.equal(answered([7, 8, 1900]), "Items 7, 8 and 1,900 were answered by a colleague meanwhile")
})
