// What Label shows: the image that is asked, those after it, and, a little later, all that is said of it.

import { draw } from "../desk/album.js"
import { COLOURS } from "../js/colours.js"
import { finder, make, name, write } from "../js/dom.js"
import { number } from "../js/numbers.js"
import { streamlit } from "../js/streamlit.js"
import { Aside, newCanvas } from "./aside.js"
import { Hints } from "./hints.js"
import { Labels } from "./labels.js"
import { DeskSphere } from "./sphere.js"
import { Viewer } from "./viewer.js"

/** @import { Album } from "../desk/album.js" */
/** @import { Guide } from "./aside.js" */
/** @import { LabelNews } from "./labels.js" */
/** @import { Round } from "./lately.js" */
/** @import { Asked, Ticket } from "./queue.js" */
/** @import { Places, Told } from "./sphere.js" */

/** What is delivered for the screen; `map` is that of a new model, `labeled` how many items have labels,
 * `reconstructs` whether a model of this project makes reconstructions, once it has learned to.
 * @typedef {LabelNews & {
 *   queue: Ticket[], strategy: string, batch_size: number, may_answer: boolean, guide: Guide, reconstructs: boolean,
 *   labeled: number, limit: number | null, version: number | null, map: Places | null, map_text: string, moved: string, training: string | null, progress: number,
 *   status: string, learned: string, round: Round, welcome: boolean,
 * }} Shown */
/** What a person looks at; `asked` is null where `nothing` is said in its place.
 * @typedef {{asked: Asked | null, flagged: boolean, nothing: string, done: boolean}} View */
/** What is said of it and drawn around it.
 * @typedef {{asked: Asked | null, ahead: Asked[], told: boolean, key: string, answers: number}} Rest */

export const AHEAD = 6 // images in the filmstrip
const SIGNS = { normal: "●", anomalous: "✕", proposed: "◇", unlabeled: "·" }
const ALWAYS = ["guide", "keys", "zoom", "prediction", "even"] // buttons that need no image

export class Screen {
  /** @param {HTMLElement} root @param {Album} album @param {Told} tell of what the map is asked
   * @param {(asked: Asked) => void} painted hears of a first frame */
  constructor(root, album, tell, painted) {
    this.root = root
    this.find = finder(root)
    this.album = album
    this.painted = painted
    this.sphere = new DeskSphere(root, album, tell)
    this.aside = new Aside(root, album)
    this.labels = new Labels()
    this.viewer = new Viewer(root)
    this.hints = new Hints(root)
    this.welcomed = false // whether the person has chosen what to begin with
    const digits = this.find(".try")
    digits.addEventListener("mousedown", event => event.preventDefault()) // the focus stays where the keys are
    digits.addEventListener("click", () => {
      this.welcomed = this.find(".welcome").hidden = true
    })
    for (const [what, sign] of Object.entries(SIGNS)) {
      const mark = make("i", {}, sign)
      mark.style.color = COLOURS[what]
      this.find(".legend").append(make("span", {}, mark, what))
    }
    this.frames = Array.from({ length: AHEAD }, newCanvas)
    this.find(".frames").append(...this.frames.map(canvas => make("li", {}, canvas)))
    /** @type {NodeListOf<HTMLElement>} */
    this.buttons = root.querySelectorAll("[data-action]")
    this.usable = "" // for what the buttons were drawn
    this.above = "" // how much lies above the desk
  }

  /** Draw what a person looks at now.
   * @param {Shown} data @param {View} view */
  draw(data, view) {
    const { asked } = view
    this.root.dataset.empty = String(!asked)
    this.root.dataset.model = String(data.version !== null)
    write(this.find(".empty"), asked ? "" : view.nothing)
    this.find(".ways").hidden = !view.done
    if (asked) this.drawCard(asked, view.flagged, data.reconstructs)
    this.drawButtons(data.may_answer, asked !== null)
  }

  /** Say of the buttons whether they do anything now.
   * @param {boolean} may whether the person answers @param {boolean} any whether there is an image */
  drawButtons(may, any) {
    const usable = `${may} ${any}`
    if (usable === this.usable) return
    this.usable = usable
    for (const button of this.buttons) {
      // Not `disabled`: that would take the focus away.
      const action = String(button.dataset.action)
      const off = !may || (!any && action !== "undo")
      button.setAttribute("aria-disabled", String(off && !ALWAYS.includes(action)))
    }
  }

  /** @param {Asked} asked @param {boolean} flagged @param {boolean} reconstructs whether a model does, or will */
  drawCard(asked, flagged, reconstructs) {
    const { item } = asked
    const image = this.album.image(item)
    const { photos } = this.album
    const reconstruction = this.album.reconstruction(item)
    this.picture(".image", this.album.picture(item), `Item ${item} of the pool`)
    this.root.dataset.photos = String(photos.where !== null)
    if (this.root.dataset.zoomed === "true") this.viewer.show(photos.address(item, "original"), `Item ${item} of the pool`)
    const awaited = this.zoomed ? this.viewer.awaited : photos.awaited(item)
    if (image && !awaited) requestAnimationFrame(() => this.painted(asked)) // the frame that it is painted in
    this.find(".aside").hidden = !reconstruction && !reconstructs
    this.find(".aside").dataset.awaited = String(!reconstruction) // its place is kept, so that nothing moves
    this.picture(".reconstruction", reconstruction, `Reconstruction of item ${item}`)
    draw(this.find(".difference", HTMLCanvasElement), this.album.difference(item))
    write(this.find(".name"), `Item ${number(item)}`)
    write(this.find(".file"), photos.names.get(item) ?? "")
    this.find(".flagged").hidden = !flagged
    this.find("[data-action=flag]").setAttribute("aria-pressed", String(flagged))
  }

  /** @param {string} place @param {ImageData | HTMLImageElement | null | undefined} image @param {string} text */
  picture(place, image, text) {
    const canvas = this.find(place, HTMLCanvasElement)
    draw(canvas, image)
    name(canvas, text)
  }

  /** Draw what may wait until the image is painted.
   * @param {Shown} data @param {Rest} rest */
  drawRest(data, { asked, ahead, told, key, answers }) {
    this.find(".welcome").hidden = this.welcomed || !data.welcome || answers > 0
    for (const [at, canvas] of this.frames.entries()) {
      const item = asked ? ahead[at]?.item : undefined
      draw(canvas, this.album.picture(item))
      name(canvas, item === undefined ? "" : `Then item ${item}`)
    }
    this.hints.draw({ answers, model: data.version !== null })
    this.aside.drawWhy(asked, data, told, key)
    this.sphere.proposed = (asked ? [asked, ...ahead] : []).slice(0, data.batch_size).map(({ item }) => item)
    this.sphere.told = told
    this.sphere.sphere.places.limit = data.limit
    for (const { item } of ahead.slice(0, AHEAD)) this.album.ready(item)
    this.sphere.draw() // late, as it asks for its size
    this.fit()
  }

  /** Say how training goes.
   * @param {Shown} data */
  drawTraining({ status, training, progress, learned }) {
    this.find(".training").dataset.live = String(Boolean(training))
    const model = this.find(".model")
    write(model, training ? `${training} ${status}` : status)
    model.title = String(model.textContent) // where there is no room for all of it
    write(this.find(".learned"), learned)
    this.find("progress", HTMLProgressElement).value = progress
  }

  /** Draw the guide, and mark the labels on the map.
   * @param {Shown} data @param {Iterable<{item: number, kind: string, answer?: string | null}>} open the newest answers */
  drawGuide(data, open) {
    this.aside.drawGuide(data.guide)
    this.labels.take(data)
    this.sphere.label = new Map(this.labels.known)
    for (const { item, kind, answer } of open) if (kind === "answer") this.mark(item, answer)
    const { size } = this.labels.known
    const marked = data.labeled > size ? `; the newest ${number(size)} are marked` : ""
    write(this.find(".moved"), data.moved)
    name(this.find(".sphere", HTMLCanvasElement), `${data.map_text} ${number(data.labeled)} items have labels${marked}.`)
  }

  /** Mark an answer on the map.
   * @param {number} item @param {string | null} [answer] */
  mark(item, answer) {
    if (answer === "normal" || answer === "anomalous") this.sphere.label.set(item, answer === "normal" ? 1 : -1)
  }

  /** Show what a press of a button opens, or close it; returns whether it is open.
   * @param {string} panel */
  toggle(panel) {
    const place = this.find(`.panel.${panel}`)
    const other = this.find(`.panel.${panel === "guide" ? "keys" : "guide"}`)
    if (!other.hidden) this.toggle(panel === "guide" ? "keys" : "guide")
    place.hidden = !place.hidden
    this.find(`[data-action=${panel}]`).setAttribute("aria-expanded", String(!place.hidden))
    return place
  }

  get zoomed() {
    return this.root.dataset.zoomed === "true" && this.album.photos.where !== null
  }

  /** Close what buttons have opened; returns whether anything was open. */
  closePanels() {
    const open = ["guide", "keys"].filter(panel => !this.find(`.panel.${panel}`).hidden)
    for (const panel of open) this.toggle(panel)
    const enlarged = open.length === 0 && this.root.dataset.zoomed === "true"
    if (enlarged) this.zoom()
    return open.length > 0 || enlarged
  }

  /** Fill the window that is left below the desk's upper edge. */
  fit() {
    const above = `${streamlit.above(this.root)}px`
    if (above === this.above) return
    this.above = above
    this.root.style.setProperty("--above", above)
  }

  zoom() {
    this.root.dataset.zoomed = String(this.root.dataset.zoomed !== "true")
    this.find("[data-action=zoom]").setAttribute("aria-pressed", this.root.dataset.zoomed)
  }
}
