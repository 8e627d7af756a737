// Three hints for who is here for the first time: each appears where one looks, and never comes back.

import { finder, make } from "../js/dom.js"

/** What the desk knows of what a person has done by now.
 * @typedef {{answers: number, undone: boolean, pointed: boolean, model: boolean}} Done */
/** @typedef {{
 *   name: string, at: string, text: string, due: (done: Done) => boolean, over: (done: Done) => boolean,
 * }} Hint */

const KEPT = "ringfence.hints"

/** @type {Hint[]} in the order in which they come */
export const HINTS = [
  {
    name: "keys",
    at: ".reason",
    text: "Answer by key: each button shows its own. The next image is there at once.",
    due: () => true,
    over: ({ answers }) => answers > 0,
  },
  {
    name: "undo",
    at: ".reason",
    text: "A wrong key does no harm: Undo takes the last answer back, as often as you like.",
    due: ({ answers }) => answers > 0,
    over: ({ answers, undone }) => undone || answers > 3,
  },
  {
    name: "sphere",
    at: ".map",
    text: "Each dot is an image; the farther out, the odder. Point at one.",
    due: ({ answers, model }) => model && answers > 3,
    over: ({ pointed }) => pointed,
  },
]

/** The hint that is to be seen now; those that are over are added to what was `seen`.
 * @param {Done} done @param {Set<string>} seen @returns {Hint | undefined} */
export function hintFor(done, seen) {
  for (const { name, due, over } of HINTS) if (due(done) && over(done)) seen.add(name)
  const next = HINTS.find(({ name }) => !seen.has(name))
  return next?.due(done) ? next : undefined
}

export class Hints {
  undone = false
  pointed = false

  /** @param {HTMLElement} root @param {() => Storage} storage which may be refused */
  constructor(root, storage = () => localStorage) {
    this.find = finder(root)
    this.storage = storage
    this.seen = new Set(this.recalled())
    /** @type {Hint | undefined} */
    this.shown = undefined
    this.text = make("span")
    const button = make("button", { type: "button" }, "Got it")
    button.addEventListener("mousedown", event => event.preventDefault()) // the focus stays put
    button.addEventListener("click", () => this.close())
    this.place = make("p", { className: "hint" }, this.text, button)
  }

  /** Show what fits what was done. @param {Pick<Done, "answers" | "model">} done */
  draw(done) {
    const before = this.seen.size
    const hint = hintFor({ ...done, undone: this.undone, pointed: this.pointed }, this.seen)
    if (this.seen.size !== before) this.keep()
    if (hint === this.shown) return
    this.shown = hint
    this.place.remove()
    if (!hint) return
    this.text.textContent = hint.text
    this.find(hint.at).append(this.place)
  }

  /** The person has pointed at an item of the sphere. */
  point() {
    this.pointed = true
    if (this.shown?.over({ answers: 0, undone: false, pointed: true, model: true })) this.close()
  }

  close() {
    if (this.shown) this.seen.add(this.shown.name)
    this.shown = undefined
    this.place.remove()
    this.keep()
  }

  keep() {
    try {
      this.storage().setItem(KEPT, [...this.seen].join())
    } catch {
      // Storage is full or forbidden: they come again with the next page.
    }
  }

  recalled() {
    try {
      return (this.storage().getItem(KEPT) ?? "").split(",")
    } catch {
      return []
    }
  }
}
