// A few words beside the pointer. They repeat what the keyboard gets from the slider, so that they are
// not read aloud.

import { make } from "../js/dom.js"

export class Tip {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.parent = parent
    this.element = make("div", { className: "tip", hidden: true, ariaHidden: "true" })
    parent.append(this.element)
  }

  /** Say lines at a place of the parent in CSS pixels, on the side where there is room.
   * @param {number} x @param {number} y @param {string[]} lines */
  show(x, y, lines) {
    this.element.replaceChildren(...lines.map(words => make("div", {}, words)))
    this.element.hidden = false
    const left = x + 14 + this.element.offsetWidth > this.parent.clientWidth
    this.element.style.left = `${Math.max(0, left ? x - 14 - this.element.offsetWidth : x + 14)}px`
    this.element.style.top = `${Math.max(0, y - this.element.offsetHeight - 8)}px`
  }

  hide() {
    this.element.hidden = true
  }
}
