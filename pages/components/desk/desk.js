// What the desks of Label and Batch have in common: a person answers by key, the tab goes on by itself,
// asks the server for what is next, and says what became of answers.

import { finder, write } from "../js/dom.js"
import { toNobody } from "../js/mounting.js"
import { number, waiting } from "../js/numbers.js"
import { line, outbox } from "../js/tab.js"
import { Album } from "./album.js"
import { History } from "./history.js"

/** @import { Sent } from "./album.js" */
/** @import { Where } from "./photos.js" */
/** @import { Shape } from "../js/codec.js" */
/** @import { Told } from "./history.js" */
/** @import { Keys } from "./keys.js" */
/** @import { Listener, Outcome } from "../js/outbox.js" */

/** What is delivered to a desk.
 * @typedef {Told & {
 *   client: string, may_answer: boolean, keys: Keys | null, budget: number, nothing: string,
 *   version: number | null, images: Record<string, Sent>, shape: Shape, photos: Where | null,
 *   names: Record<string, string>,
 * }} Delivery */

/** @template {Delivery} Data */
export class Desk {
  /** @param {HTMLElement} root @param {string} page whose desk it is
   * @param {number} renewal ms between two signs of life, which renew the leases */
  constructor(root, page, renewal) {
    this.root = root
    this.find = finder(root)
    this.page = page
    this.setState = this.setTrigger = toNobody
    this.album = new Album()
    this.history = new History(outbox)
    /** @type {Data | null} */
    this.delivered = null
    /** @type {(() => void)[]} */
    this.stops = [outbox.listen((what, told) => this.hear(what, told))]
    this.on(window, "keydown", event => this.press(/** @type {KeyboardEvent} */ (event)), true)
    this.on(document, "visibilitychange", () => this.refresh())
    const timer = setInterval(() => document.visibilityState === "visible" && this.refresh(), renewal)
    this.stops.push(() => clearInterval(timer))
    for (const button of this.buttons) {
      button.addEventListener("mousedown", event => event.preventDefault()) // the focus stays put
      button.addEventListener("click", event => this.click(String(button.dataset.action), event.timeStamp))
    }
  }

  /** @returns {NodeListOf<HTMLElement>} */
  get buttons() {
    return this.root.querySelectorAll("[data-action]")
  }

  /** @param {EventTarget} target @param {string} type @param {(event: Event) => void} listener */
  on(target, type, listener, capture = false) {
    target.addEventListener(type, listener, capture)
    this.stops.push(() => target.removeEventListener(type, listener, capture))
  }

  stop() {
    line.drop(`desk-${this.page}`)
    for (const stop of this.stops) stop()
  }

  get data() {
    if (!this.delivered) throw new Error("Nothing was delivered yet.")
    return this.delivered
  }

  /** Take a delivery, unless it was meant for a tab that had this one's name.
   * @param {Data} data */
  take(data) {
    if (data.client !== outbox.client) return
    const before = this.delivered
    this.delivered = data
    this.album.photos.take(data.photos)
    this.album.add(data.images, data.shape)
    this.album.photos.call(data.names)
    this.history.take(data)
    this.deliver(data, before)
  }

  /** Ask for what is next, for images that are missing, and for leases a while longer. */
  refresh() {
    line.say(`desk-${this.page}`, () => this.setState("view", { client: outbox.client, ...this.view() }), this.page)
  }

  /** What this tab is, and what it has.
   * @abstract @returns {Record<string, unknown>} */
  view() {
    return {}
  }

  /** @abstract @param {Data} _data @param {Data | null} _before */
  deliver(_data, _before) {}

  /** Hear what became of answers.
   * @param {Parameters<Listener>[0]} what @param {Outcome[]} told */
  hear(what, told) {
    if (what === "renamed") this.refresh()
    for (const outcome of told) this.history.settle(outcome)
  }

  /** @abstract @param {KeyboardEvent} _event */
  press(_event) {}

  /** @abstract @param {string} _action @param {number} _at ms after the page was opened */
  click(_action, _at) {}

  /** Labels left, as they are spoken of. */
  get leftText() {
    return `${number(Math.max(0, this.history.left))} of ${number(this.data.budget)} labels left`
  }

  drawOffline() {
    const { connected, size } = outbox
    this.find(".offline").hidden = connected
    const sentence = connected
      ? ""
      : `No connection to Ringfence. You can go on: ${waiting(size)} in this browser and will be saved once it is back.`
    write(this.find(".offline"), sentence)
  }

  /** @param {string} sentence */
  tell(sentence) {
    this.find(".banner").textContent = sentence
    this.find(".banner").hidden = false
  }

  /** Say it to those who listen.
   * @param {string} sentence */
  say(sentence) {
    this.find(".live").textContent = sentence
  }
}
