// Small images as buttons, one of them open; the server hears which one is to be.

import { finder, make, name } from "../js/dom.js"
import { mounting, toNobody } from "../js/mounting.js"
import { number } from "../js/numbers.js"
import { Opened } from "../js/opened.js"
import { line } from "../js/tab.js"

/** @typedef {{item: number, label: string, picture: string, note: string | null}} Thumbnail */
/** @typedef {{name: string, chosen: number | null, images: Thumbnail[]}} Data */

class Thumbnails {
  setState = toNobody
  setTrigger = toNobody
  shown = ""
  opened = new Opened()

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.root = finder(parent)(".thumbnails")
    this.speaker = `thumbnails-${performance.now()}`
  }

  stop() {
    line.drop(this.speaker)
  }

  /** @param {Data} data */
  take({ name: what, chosen, images }) {
    name(this.root, what)
    this.root.classList.toggle("noted", images.some(({ note }) => note))
    const shown = JSON.stringify(images.map(({ item, note }) => [item, note]))
    if (this.shown !== shown) this.root.replaceChildren(...images.map(one => this.button(one)))
    this.shown = shown // as long as it stays so, the buttons stay, and with them the focus
    this.opened.take(chosen)
    for (const [at, button] of [...this.root.children].entries()) {
      button.setAttribute("aria-pressed", String(images[at].item === chosen))
    }
  }

  /** @param {Thumbnail} thumbnail */
  button({ item, label, picture, note }) {
    const image = make("img", { src: picture, alt: "" })
    const said = note === null ? [] : [`item ${number(item)}`, make("br"), make("small", {}, note)]
    const button = make("button", { type: "button", title: label }, image, ...said)
    name(button, label)
    button.dataset.item = String(item)
    button.addEventListener("click", () => {
      this.opened.ask(item)
      line.say(this.speaker, () => this.setTrigger("opened", item))
    })
    button.addEventListener("keydown", event => {
      const left = event.key === "ArrowLeft"
      if (!left && event.key !== "ArrowRight") return
      event.preventDefault()
      const next = left ? button.previousElementSibling : button.nextElementSibling
      if (next instanceof HTMLElement) next.focus()
    })
    return button
  }
}

export default mounting(parent => new Thumbnails(parent))
