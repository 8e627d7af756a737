// The map of the pool: draws, steps and plays through the versions. The server is asked only for the
// parts that this tab lacks.

import { finder, make, name, penOf } from "../js/dom.js"
import { mounting, toNobody } from "../js/mounting.js"
import { count, number } from "../js/numbers.js"
import { line } from "../js/tab.js"
import { Hand } from "../sphere/hand.js"
import { fill } from "../sphere/marks.js"
import { Sphere } from "../sphere/sphere.js"
import { Thumbnails } from "../sphere/thumbnails.js"
import { ItemTip, howFar } from "../sphere/tip.js"
import { Parts } from "./parts.js"

/** @import { Point } from "../sphere/places.js" */
/** @import { Sent } from "./parts.js" */
/** @typedef {{key: string, names: string[], counts?: number[]}} Kinds what items are told apart by; the counts of
 * scores come with the part */
/** @typedef {Kinds & {version: number, labels: number, R: number, limit: number | null}} Version */
/** @typedef {{colour: string, shape: string, large: boolean}} Style */
/** @typedef {object} Data
 * @property {number} size @property {number} reach @property {Version[]} versions
 * @property {Record<string, Kinds>} colourings
 * @property {Record<string, Style[]>} palette how the kinds are marked
 * @property {Record<string, Sent>} parts that were asked for
 * @property {{key: string | null}} chosen @property {number | null} current in the inspector */

const PAGE = "explore"
const STEP = 2000 // ms from one version to the next while playing
const REST = 150 // ms of standing still until images are fetched
const CHOSEN = "#c2469b"
/** @type {Record<string, string>} */
const MODES = { label: "label", score: "score", class: "true class", round: "round of its label" }

class PoolMap {
  setState = toNobody
  setTrigger = toNobody
  data = /** @type {Data} */ ({}) // before it is drawn
  parts = new Parts((wants, beat) => line.say("map", () => this.setState("view", { wants, beat }), PAGE))
  asking = 0
  version = -1 // the place among the versions of the one on screen, or on the way
  there = "" // the key of the places that are drawn
  /** @type {{key: string | null, items: number[]}} */
  chosen = { key: null, items: [] }
  playing = 0

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.find = finder(parent)
    this.canvas = this.find(".canvas", HTMLCanvasElement)
    this.mode = this.find(".mode", HTMLSelectElement)
    this.slider = this.find(".version", HTMLInputElement)
    this.buttons = { lasso: this.find(".lasso"), play: this.find(".play", HTMLButtonElement) }
    this.tip = new ItemTip(this.find(".tip"), this.canvas, () => this.fetch())
    this.sphere = new Sphere(this.canvas, () => this.draw())
    this.hand = new Hand(this.canvas, this.sphere.places, {
      ready: () => this.there !== "",
      draw: () => this.draw(),
      point: item => this.point(item),
      reach: item => this.say(this.words(item)),
      open: item => line.say("map-opened", () => this.setTrigger("opened", item), PAGE),
      choose: items => this.choose(items),
      even: () => this.toggleScale(),
    })
    this.thumbnails = new Thumbnails(() => this.draw())
    this.listen()
  }

  listen() {
    this.find(".even").addEventListener("click", () => this.toggleScale())
    this.mode.addEventListener("change", () => this.recolour())
    this.slider.addEventListener("input", () => {
      this.pause()
      this.go(Number(this.slider.value))
    })
    this.buttons.lasso.addEventListener("click", () => this.setLasso(!this.hand.lassoing))
    this.buttons.play.addEventListener("click", () => (this.playing ? this.pause() : this.play()))
    for (const [button, steps] of /** @type {const} */ ([[".nearer", 1], [".farther", -1], [".whole", 0]])) {
      this.find(button).addEventListener("click", () => this.hand.step(steps))
    }
  }

  stop() {
    this.pause()
    clearTimeout(this.asking)
    this.tip.stop()
    for (const speaker of ["map", "map-chosen", "map-opened"]) line.drop(speaker)
    this.sphere.stop()
  }

  /** What the server has to say: always the catalogue, and the parts that were asked for.
   * @param {Data} data */
  take(data) {
    this.parts.take(data.parts)
    const newest = this.data.versions?.length !== data.versions.length
    this.data = data
    this.fillTools(newest)
    const { key } = data.chosen
    const part = key === null ? { items: [] } : this.parts.get(key)
    if (key !== this.chosen.key && part) this.chosen = { key, items: part.items ?? [] }
    this.tellTip()
    this.arrive()
    this.draw()
    this.fetch()
  }

  /** @param {boolean} newest whether to go there */
  fillTools(newest) {
    const { versions, colourings } = this.data
    this.slider.max = String(versions.length - 1)
    this.slider.disabled = this.buttons.play.disabled = versions.length < 2
    const modes = ["label", "score", ...Object.keys(colourings).filter(mode => mode !== "label")]
    if (this.mode.options.length !== modes.length) {
      this.mode.replaceChildren(...modes.map(mode => new Option(MODES[mode], mode)))
    }
    if (newest) this.go(versions.length - 1)
    this.drawLegend()
  }

  get row() {
    return this.data.versions[this.version]
  }

  /** The kinds of the colouring on screen: names, counts and the key of what is what. */
  get kinds() {
    return this.mode.value === "score" ? this.row : this.data.colourings[this.mode.value]
  }

  get codes() {
    return this.parts.get(this.kinds.key)?.codes
  }

  recolour() {
    this.drawLegend()
    this.draw()
    this.fetch()
  }

  // -- versions -------------------------------------------------------------------------------

  /** @param {number} version its place among them */
  go(version) {
    this.version = Math.min(Math.max(version, 0), this.data.versions.length - 1)
    this.slider.value = String(this.version)
    this.tell()
    this.arrive()
    this.fetch()
  }

  /** Say which version it is, and what is known of it by now. */
  tell() {
    const { version: model, labels, R, key } = this.row
    const outside = this.parts.get(key)?.outside
    const beyond = outside === undefined ? "" : `, ${count(outside, "item")} outside`
    const told = `Model ${model}, ${number(labels)} labels: R = ${R.toPrecision(3)}${beyond}.`
    this.find(".told").textContent = told
    this.slider.setAttribute("aria-valuetext", told)
    name(this.canvas, `Map of ${count(this.data.size, "item")} around the center. ${told}`)
    if (this.mode.value === "score") this.drawLegend()
  }

  /** Set off for the version that is wanted, once its places are there. */
  arrive() {
    const { key, R, version } = this.row
    const to = this.parts.get(key)?.places
    this.find(".wait").hidden = to !== undefined
    if (!to || this.there === key) return
    this.there = key
    this.tell()
    this.canvas.dataset.version = String(version)
    const { now } = this.sphere.places
    this.sphere.travel(to, { R, reach: this.data.reach }, now.length === to.length ? now : to)
  }

  play() {
    if (this.version === this.data.versions.length - 1) this.go(0)
    this.buttons.play.textContent = "Pause"
    this.playing = window.setInterval(() => this.step(), STEP)
    this.fetch()
  }

  step() {
    if (this.there !== this.row.key) return // still on its way from the server
    if (this.version < this.data.versions.length - 1) this.go(this.version + 1)
    if (this.version === this.data.versions.length - 1) this.pause()
  }

  pause() {
    clearInterval(this.playing)
    this.playing = 0
    this.buttons.play.textContent = "Play"
  }

  // -- the server -----------------------------------------------------------------------------

  /** Ask for what is on screen, then for what comes next. */
  fetch() {
    const next = this.playing ? this.data.versions.slice(this.version + 1, this.version + 3) : []
    const { cursor } = this.hand
    const near = this.thumbnails.lacking
    const images = (cursor !== null && this.tip.rested ? [cursor, ...near] : near).map(item => `image-${item}`)
    const chosen = this.data.chosen.key
    const choice = chosen === null || chosen === this.chosen.key ? [] : [chosen]
    this.parts.want([this.row.key, this.kinds.key, ...choice, ...images, ...next.map(({ key }) => key)])
  }

  /** @param {number[]} items */
  choose(items) {
    const key = `lasso-${Math.round(performance.timeOrigin + performance.now())}`
    this.chosen = { key, items }
    this.say(`${count(items.length, "item")} chosen.`)
    line.say("map-chosen", () => this.setState("chosen", { key, items }), PAGE)
    this.draw()
  }

  // -- what is pointed at ---------------------------------------------------------------------

  /** @param {boolean} on */
  setLasso(on) {
    this.hand.lassoing = on
    this.buttons.lasso.setAttribute("aria-pressed", String(on))
    this.canvas.dataset.lasso = String(on)
  }

  /** @param {number | null} item */
  point(item) {
    this.tip.point(item !== null)
    this.tellTip()
    this.draw()
  }

  /** @param {number} item */
  words(item) {
    const kind = this.codes ? this.kinds.names[this.codes[item]] : ""
    return `Item ${number(item)}${kind && `, ${kind}`}: ${howFar(this.sphere.places.distance(item), this.row.R)}.`
  }

  tellTip() {
    const { cursor } = this.hand
    if (cursor === null || !this.there) this.tip.hide()
    else {
      const { picture } = this.parts.get(`image-${cursor}`) ?? {}
      const image = picture ? make("img", { src: picture, alt: "" }) : undefined
      this.tip.show(this.sphere.places.at(cursor), this.words(cursor), image)
    }
  }

  /** @param {string} sentence */
  say(sentence) {
    this.find(".live").textContent = sentence
  }

  // -- drawing --------------------------------------------------------------------------------

  toggleScale() {
    const { places } = this.sphere
    places.even = !places.even
    this.find(".even").setAttribute("aria-pressed", String(places.even))
    this.draw()
  }

  draw() {
    if (!this.there) return
    const { sphere, hand, data } = this
    const palette = data.palette[this.mode.value]
    sphere.places.limit = this.row.limit
    sphere.draw(
      () => this.lay(),
      pen => {
        this.drawImages(pen, item => palette[this.codes?.[item] ?? 0] ?? palette[0])
        if (data.current !== null) sphere.ring(data.current, 11)
        if (hand.cursor !== null) sphere.ring(hand.cursor, 8)
        if (hand.path) drawLasso(pen, hand.path)
      },
    )
  }

  /** @param {CanvasRenderingContext2D} pen @param {(item: number) => Style} kindOf */
  drawImages(pen, kindOf) {
    const { sphere, thumbnails } = this
    thumbnails.choose(sphere.places, sphere.raster.width, sphere.raster.height)
    for (const item of thumbnails.lacking) {
      const picture = this.parts.get(`image-${item}`)?.picture
      if (picture) thumbnails.take(item, picture)
    }
    thumbnails.draw(pen, sphere.places, kindOf)
    clearTimeout(this.asking)
    if (thumbnails.lacking.length) this.asking = window.setTimeout(() => this.fetch(), REST)
  }

  /** Mark every item; those of the first kind, mostly the unlabeled, lie below the others. */
  lay() {
    const { sphere, codes, data } = this
    const small = data.size > 20_000 ? 1.5 : data.size > 2_000 ? 2.1 : 3.2 // so that all find room
    const large = Math.max(4.4, 1.3 * small)
    const marks = data.palette[this.mode.value].map(style =>
      sphere.mark(style.shape, style.large ? large : small, style.colour),
    )
    sphere.putAll(item => !codes || codes[item] === 0, marks[0])
    for (let item = 0; codes && item < sphere.places.count; item++) {
      if (codes[item] > 0 && marks[codes[item]]) sphere.put(item, marks[codes[item]])
    }
    const ring = sphere.mark("ring", 4, CHOSEN)
    for (const item of this.chosen.items) sphere.put(item, ring)
  }

  drawLegend() {
    const { names, key } = this.kinds
    const counts = this.kinds.counts ?? this.parts.get(key)?.counts
    const palette = this.data.palette[this.mode.value]
    const rows = names.map((kind, at) =>
      make("li", {}, sample(palette[at]), counts ? `${kind}: ${number(counts[at])}` : kind),
    )
    this.find(".legend").replaceChildren(...rows)
  }
}

/** @param {CanvasRenderingContext2D} pen in the ink of the sphere @param {Point[]} path */
function drawLasso(pen, path) {
  pen.lineWidth = 1.5
  pen.setLineDash([5, 4])
  pen.beginPath()
  for (const corner of path) pen.lineTo(...corner)
  pen.closePath()
  pen.stroke()
  pen.setLineDash([])
}

/** A mark for the legend. @param {Style} style */
function sample({ shape, colour }) {
  const canvas = make("canvas", { width: 32, height: 32, ariaHidden: "true" })
  const pen = penOf(canvas)
  pen.fillStyle = colour
  fill(pen, shape, 16, 16, 12)
  return canvas
}

export default mounting(parent => new PoolMap(parent))
