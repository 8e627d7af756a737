// The field for a note on the image that was on screen when it was opened.

import { finder } from "../js/dom.js"

/** @template Asked */
export class Noting {
  /** @type {Asked | null} */
  on = null // what the note is on

  /** @param {HTMLElement} root @param {(on: Asked | null, note: string) => void} keep hears of a note */
  constructor(root, keep) {
    this.find = finder(root)
    this.find(".noting").addEventListener("submit", event => {
      event.preventDefault()
      const note = this.field.value.trim()
      if (note) keep(this.on, note)
      this.close()
    })
    this.field.addEventListener("keydown", event => {
      if (event.key === "Escape") this.close()
      event.stopPropagation()
    })
  }

  get field() {
    return this.find(".note", HTMLInputElement)
  }

  /** @param {Asked | null} on */
  open(on) {
    this.show(on)
    this.field.focus({ preventScroll: true })
  }

  /** Go back to the keys. */
  close() {
    this.show(null)
    this.find(".work").focus({ preventScroll: true })
  }

  /** @param {Asked | null} on */
  show(on) {
    this.on = on
    this.find(".noting").hidden = !on
    this.field.value = ""
  }
}
