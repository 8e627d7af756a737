// The table of all images, a page of it: rows open the inspector, the server hears which.

import { finder, make, name } from "../js/dom.js"
import { mounting, toNobody } from "../js/mounting.js"
import { number } from "../js/numbers.js"
import { Opened } from "../js/opened.js"
import { line } from "../js/tab.js"

/** @typedef {{item: number, picture: string, cells: string[]}} Row without the cell of its number */
/** @typedef {[title: string, kind: "number" | "short" | "typed"]} Column */
/** @typedef {{name: string, columns: Column[], rows: Row[], chosen: number | null}} Data */

class Listing {
  setState = toNobody
  setTrigger = toNobody
  shown = ""
  opened = new Opened()

  /** @param {HTMLElement} parent */
  constructor(parent) {
    const find = finder(parent)
    this.box = find(".listing")
    this.head = find("thead tr")
    this.body = find("tbody")
    this.speaker = `listing-${performance.now()}`
    this.body.addEventListener("keydown", event => this.walk(event))
  }

  stop() {
    line.drop(this.speaker)
  }

  /** @param {Data} data */
  take({ name: what, columns, rows, chosen }) {
    name(this.box, what)
    const shown = JSON.stringify([columns, rows.map(({ item, cells }) => [item, cells])])
    if (this.shown !== shown) this.fill(columns, rows)
    this.shown = shown // as long as it stays so, the rows stay, and with them the focus
    const open = rows.findIndex(({ item }) => item === chosen)
    for (const [at, row] of [...this.body.children].entries()) {
      row.classList.toggle("chosen", at === open)
      const button = finder(row)("button")
      button.setAttribute("aria-pressed", String(at === open))
      button.tabIndex = at === Math.max(0, open) ? 0 : -1 // the others by the arrow keys
    }
    this.opened.take(chosen)
  }

  /** @param {Column[]} columns @param {Row[]} rows */
  fill(columns, rows) {
    this.head.replaceChildren(...columns.map(([title, kind]) => make("th", { scope: "col", className: kind }, title)))
    this.body.replaceChildren(...rows.map(row => this.row(row, columns)))
    this.box.scrollTop = 0
  }

  /** @param {Row} row @param {Column[]} columns */
  row({ item, picture, cells }, columns) {
    const image = make("img", { src: picture, alt: "", loading: "lazy" })
    const button = make("button", { type: "button" }, image, number(item))
    name(button, `Item ${number(item)}; open it in the inspector`)
    const values = cells.map((text, at) => make("td", { className: columns[at + 1][1], dir: "auto" }, text))
    const row = make("tr", {}, make("td", { className: "number" }, button), ...values)
    row.addEventListener("click", () => this.open(item))
    return row
  }

  /** Have the inspector show an image. @param {number} item */
  open(item) {
    this.opened.ask(item)
    line.say(this.speaker, () => this.setTrigger("opened", item))
  }

  /** Go from row to row. @param {KeyboardEvent} event */
  walk(event) {
    const row = event.target instanceof Element ? event.target.closest("tr") : null
    const up = event.key === "ArrowUp"
    if (!row || (!up && event.key !== "ArrowDown")) return
    event.preventDefault()
    const next = up ? row.previousElementSibling : row.nextElementSibling
    if (next) finder(next)("button").focus()
  }
}

export default mounting(parent => new Listing(parent))
