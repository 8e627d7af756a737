// What is said of the grid.

import { count, number } from "../js/numbers.js"

/** @import { Layout } from "./layout.js" */
/** @import { Selection } from "./selection.js" */
/** @import { Sheet } from "./sheet.js" */

/** The item under the cursor and its mark, and how many are selected.
 * @param {Pick<Sheet, "items" | "marks" | "taken">} sheet @param {Pick<Selection, "cursor" | "places">} selection */
export function whereabouts({ items, marks, taken }, { cursor, places }) {
  const item = items[cursor]
  if (item === undefined) return "No image"
  const mark = taken.has(item) ? "answered by a colleague" : (marks.get(item) ?? "not marked")
  return `Item ${number(item)}: ${mark}${places.size > 1 ? `; ${places.size} selected` : ""}`
}

/** What became of the answers that were sent last.
 * @param {number} many @param {boolean} coming whether some are on the way still @param {string} undo its key */
export const saved = (many, coming, undo) =>
  coming ? `Saving ${count(many, "answer")} ...` : `✓ Saved ${count(many, "answer")}; ${undo} takes ${many === 1 ? "it" : "them"} back.`

/** @param {Pick<Layout, "columns">} layout @param {number} place */
export const rowAndColumn = ({ columns }, place) =>
  `row ${Math.floor(place / columns) + 1}, column ${(place % columns) + 1}`

/** The sentence that begins what is said of items answered by a colleague.
 * @param {number[]} items */
export function answered(items) {
  const names = items.map(number)
  const last = names.pop()
  if (names.length === 0) return `Item ${last} was answered by a colleague meanwhile`
  return `Items ${names.join(", ")} and ${last} were answered by a colleague meanwhile`
}
