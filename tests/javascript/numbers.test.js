import assert from "node:assert/strict"
import { test } from "node:test"

import { count, number } from "../../pages/components/js/numbers.js"

test("numbers are grouped, and counted things have a singular", () => {
  assert.equal(number(1234567), "1,234,567")
  assert.equal(count(1, "item"), "1 item")
  assert.equal(count(1200, "item"), "1,200 items")
})
