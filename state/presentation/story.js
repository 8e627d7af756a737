// A presentation: everything is sent once, and the slider moves through it without the server. The
// same code draws the page and the file that is handed on; all words and figures come ready.

import { finder, make, name } from "../../pages/components/js/dom.js"
import { StoryMap } from "./story_map.js"

/** @import { Drawn, Letter } from "./story_map.js" */

/** @typedef {{before: string, number: string, after: string}} Sentence */
/** @typedef {{name: string, number: string, span: string}} Row */
/** @typedef {{name: string, value: number, low: number, high: number}} Bar a share of 1 with its range */
/** @typedef {{name: string, meaning: string, alt: string, count: string, share: string, items: number[],
 * right: boolean}} Cell */
/** @typedef {{title: string, meaning: string, alt: string, item: number, right: boolean}} Told */
/** @typedef {Told & Letter} Chapter one of the images that tell the story */
/** @typedef {{said: Sentence[], rows: Row[], cells: Cell[], story: Chapter[], change: string, bars: Bar[],
 * notes: string[], tried: string, sketch: string, letters: string, radius: number, outside: number}} Step what one threshold does */
/** @typedef {Record<typeof TEXTS[number], string>} Words */
/** @typedef {Words & Drawn & {key: string, called: string, held: string, known: boolean, opens: number, caution: number, steps: Step[],
 * images: Record<string, string>}} Data */

const TEXTS = /** @type {const} */ ([
  "title", "guidelines", "model", "basis", "source", "fewer", "more", "sample", "owners", "worse",
])

export class Story {
  data = /** @type {Data} */ ({}) // before it is told
  at = 0 // the step on screen
  /** Told how cautious it stands when the slider is let go. @type {(caution: number) => void} */
  tell = () => {}
  /** Told which image was opened; without it they are no buttons. @type {((item: number) => void) | null} */
  open = null

  /** @param {ParentNode} root */
  constructor(root) {
    this.find = finder(root)
    this.slider = this.find(".caution", HTMLInputElement)
    this.map = new StoryMap(root)
    this.slider.addEventListener("input", () => this.show(Number(this.slider.value)))
    this.slider.addEventListener("change", () => this.tell(this.data.opens - this.at))
    this.find(".full").addEventListener("click", () => this.fill())
    this.find(".back").addEventListener("click", () => this.goBack())
  }

  stop() {
    this.map.stop()
  }

  /** @param {Data} data */
  take(data) {
    if (this.data.key === data.key) return // a step that the browser has chosen is newer
    this.data = data
    for (const text of TEXTS) this.find(`.${text}`).textContent = data[text]
    this.find(".none").hidden = data.known
    for (const part of [".matrix", ".five", ".sample"]) this.find(part).hidden = !data.known
    this.slider.max = String(data.steps.length - 1)
    this.slider.style.setProperty("--opens", String(data.opens / Math.max(1, data.steps.length - 1)))
    name(this.slider, `${data.fewer}, or ${data.more}`)
    this.map.take(data)
    const at = data.opens - data.caution
    this.show(Math.min(Math.max(at, 0), data.steps.length - 1))
  }

  /** Show the threshold that holds again. */
  goBack() {
    this.show(this.data.opens)
    this.slider.focus()
    this.tell(0)
  }

  /** @param {number} at */
  show(at) {
    this.at = at
    const step = this.data.steps[at]
    const last = Math.max(1, this.data.steps.length - 1)
    this.slider.value = String(at)
    this.slider.setAttribute("aria-valuetext", step.said.map(whole).join(" "))
    this.find(".said").replaceChildren(...step.said.map(spoken))
    this.find(".matrix").replaceChildren(...step.cells.map(cell => this.cell(cell)))
    this.find(".chapters").replaceChildren(...step.story.map(chapter => this.chapter(chapter)))
    this.find(".figures tbody").replaceChildren(...step.rows.map(row))
    this.find(".bars").replaceChildren(...step.bars.map(bar))
    this.find(".change").textContent = step.change
    this.find(".notes").replaceChildren(...step.notes.map(note => make("p", { dir: "auto" }, note)))
    this.find(".tried").textContent = step.tried || this.data.held
    this.find(".back").style.visibility = step.tried ? "visible" : "hidden" // nothing below may jump
    this.slider.style.setProperty("--at", String(at / last))
    this.find(".sketch").textContent = step.sketch
    this.find(".letters").textContent = step.letters
    this.map.show(step)
  }

  /** @param {Cell} cell */
  cell({ name, meaning, count, share, items, alt, right }) {
    return make(
      "div",
      { className: right ? "cell" : "cell wrong" },
      make("h3", {}, sign(right), `${name} `, make("small", {}, meaning)),
      make("p", { className: "count" }, count),
      make("p", { className: "share" }, share),
      make("div", { className: "tiles" }, ...items.map(item => this.image(item, alt))),
    )
  }

  /** @param {Chapter} chapter */
  chapter({ title, meaning, item, alt, right, letter }) {
    const mark = make("span", { className: "letter" }, letter)
    const caption = make("figcaption", {}, make("b", {}, mark, sign(right), title), meaning)
    return make("figure", {}, this.image(item, alt), caption)
  }

  /** @param {number} item @param {string} what */
  image(item, what) {
    const image = make("img", { src: this.data.images[item], alt: `${what}, ${this.data.called} ${item}` })
    if (!this.open) return image
    const button = make("button", { type: "button", className: "picture", title: "Why? Open it" }, image)
    button.addEventListener("click", () => this.open?.(item))
    return button
  }

  fill() {
    if (document.fullscreenElement) document.exitFullscreen()
    else this.find(".story").requestFullscreen()
  }
}

/** Right or wrong, told by a sign. @param {boolean} right */
const sign = right => make("span", { className: "mark", ariaHidden: "true" }, right ? "✓ " : "✕ ")

/** @param {Sentence} sentence */
const whole = ({ before, number, after }) => before + number + after

/** @param {Sentence} sentence */
const spoken = ({ before, number, after }) => make("p", {}, before, make("b", {}, number), after)

/** @param {Row} row */
const row = ({ name, number, span }) => make("tr", {}, ...[name, number, span].map(text => make("td", {}, text)))

/** How many of 100 were missed, with its range. @param {Bar} bar */
function bar({ name, value, low, high }) {
  const [fill, whisker] = ["fill", "whisker"].map(className => make("div", { className }))
  fill.style.width = `${100 * value}%`
  Object.assign(whisker.style, { left: `${100 * low}%`, width: `${100 * (high - low)}%` })
  const track = make("div", { className: "track" }, fill, whisker)
  return make("div", { className: "bar" }, make("span", {}, name), track)
}
