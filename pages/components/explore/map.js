// @ts-nocheck
// The map of the pool: draws, steps and plays through the versions, takes a lasso, opens items.
// The server is asked only for the parts that this tab lacks.

import { count, number } from "../js/numbers.js"
import { line } from "../js/tab.js"
import { Places, bytes } from "./places.js"
import { Raster, SHAPES, channels, stamp } from "./stamps.js"

const PAGE = "explore"
const STEP = 1100 // ms from one version to the next while playing
const TRAVEL = 800 // ms that items are on their way
const NEAR = 12 // CSS pixels from the pointer to the item it means
const REST = 140 // ms that the pointer rests before an item's image is fetched
const AGAIN = 8000 // ms after which an unanswered question is asked again
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }


class PoolMap {
  constructor(parent) {
    this.find = selector => parent.querySelector(selector)
    this.canvas = this.find(".canvas")
    this.raster = new Raster(this.canvas)
    this.places = new Places()
    this.parts = new Map()
    this.version = null // on screen, or on the way
    this.chosen = { key: null, items: [] }
    this.cursor = null // the item under the pointer or reached by key
    this.listen()
  }

  listen() {
    const on = (selector, event, act) => this.find(selector).addEventListener(event, act)
    const redraw = () => this.draw()
    on(".mode", "change", () => this.recolour())
    on(".scale", "change", event => { this.places.root = event.target.value === "root"; redraw() })
    on(".lasso", "click", () => this.setLasso(!this.lassoing))
    on(".nearer", "click", () => { this.places.zoomBy(1.5); redraw() })
    on(".farther", "click", () => { this.places.zoomBy(1 / 1.5); redraw() })
    on(".whole", "click", () => { this.places.zoomBy(0); redraw() })
    on(".play", "click", () => (this.playing ? this.pause() : this.play()))
    on(".version", "input", event => { this.pause(); this.go(Number(event.target.value)) })
    this.canvas.addEventListener("keydown", event => this.key(event))
    this.canvas.addEventListener("pointerdown", event => this.press(event))
    this.canvas.addEventListener("pointermove", event => this.move(event))
    this.canvas.addEventListener("pointerup", event => this.release(event))
    this.canvas.addEventListener("pointercancel", () => { this.drag = null; redraw() })
    this.canvas.addEventListener("pointerleave", () => this.point(null))
    this.canvas.addEventListener("wheel", event => this.wheel(event), { passive: false })
    const resized = new ResizeObserver(redraw)
    resized.observe(this.canvas)
    const themed = new MutationObserver(() => { this.colours = null; redraw() })
    themed.observe(document.documentElement, { attributes: true })
    const dark = matchMedia("(prefers-color-scheme: dark)")
    const turned = () => setTimeout(() => { this.colours = null; redraw() }, 300)
    dark.addEventListener("change", turned)
    this.stop = () => {
      this.pause()
      for (const speaker of ["map", "map-chosen", "map-opened"]) line.drop(speaker)
      for (const observer of [resized, themed]) observer.disconnect()
      dark.removeEventListener("change", turned)
    }
  }

  /** What the server has to say: always the catalogue, and the parts that were asked for. */
  take(data) {
    for (const [key, part] of Object.entries(data.parts)) this.parts.set(key, opened(part))
    const newest = this.data && this.data.versions.length !== data.versions.length
    this.data = data
    this.places.reach = data.reach
    this.fillTools(newest)
    const { key } = data.chosen
    if (key !== this.chosen.key && (key === null || this.parts.has(key))) {
      this.chosen = { key, items: key === null ? [] : this.parts.get(key).items }
    }
    this.tellTip()
    this.arrive()
    this.draw()
    this.fetch()
  }

  fillTools(newest) {
    const { data } = this
    const slider = this.find(".version")
    slider.max = data.versions.length - 1
    if (this.version === null || newest) this.go(data.versions.length - 1)
    const modes = ["label", "score", ...Object.keys(data.colourings).filter(name => name !== "label")]
    const select = this.find(".mode")
    if (select.options.length !== modes.length) {
      select.replaceChildren(...modes.map(name => new Option(MODES[name], name)))
    }
    this.find(".play").disabled = data.versions.length < 2
    slider.disabled = data.versions.length < 2
    this.drawLegend()
  }

  get mode() {
    return this.find(".mode").value || "label"
  }

  get row() {
    return this.data.versions[this.version]
  }

  /** The kinds of the colouring on screen: names, counts and the key of what is what. */
  get kinds() {
    return this.mode === "score" ? this.row : this.data.colourings[this.mode]
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

  go(version) {
    this.version = Math.min(Math.max(version, 0), this.data.versions.length - 1)
    this.find(".version").value = this.version
    const { version: name, labels, R, outside } = this.row
    const told = `Model ${name}, ${number(labels)} labels: R = ${R.toPrecision(3)}, ${count(outside, "item")} outside.`
    this.find(".told").textContent = told
    this.find(".version").setAttribute("aria-valuetext", told)
    this.canvas.setAttribute("aria-label", `Map of ${count(this.data.size, "item")} round the center. ${told}`)
    if (this.mode === "score") this.drawLegend()
    this.arrive()
    this.fetch()
  }

  /** Set off for the version that is wanted, once its places are there. */
  arrive() {
    const part = this.parts.get(this.row.key)
    this.find(".wait").hidden = part !== undefined
    if (!part || this.there === this.row.key) return
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches
    this.places.travel(part, this.row.R, still || this.there === undefined)
    this.there = this.row.key
    this.canvas.dataset.version = this.row.version
    this.walk(performance.now())
  }

  walk(since) {
    cancelAnimationFrame(this.frame)
    this.frame = requestAnimationFrame(now => {
      const share = this.places.from ? Math.min(1, Math.max(0, (now - since) / TRAVEL)) : 1
      this.places.share = share < 0.5 ? 2 * share ** 2 : 1 - 2 * (1 - share) ** 2
      this.draw()
      if (share < 1) this.walk(since)
    })
  }

  play() {
    if (this.version === this.data.versions.length - 1) this.go(0)
    this.find(".play").textContent = "Pause"
    this.playing = setInterval(() => this.step(), STEP)
    this.fetch()
  }

  step() {
    if (this.there !== this.row.key) return // still on its way from the server
    if (this.version < this.data.versions.length - 1) this.go(this.version + 1)
    if (this.version === this.data.versions.length - 1) this.pause()
  }

  pause() {
    clearInterval(this.playing)
    this.playing = null
    this.find(".play").textContent = "Play"
  }

  // -- the server -----------------------------------------------------------------------------

  /** Ask for what is on screen, then for what comes next, two parts at a time. */
  fetch() {
    const next = this.playing ? this.data.versions.slice(this.version + 1, this.version + 3) : []
    const image = this.cursor !== null && this.rested ? [`image-${this.cursor}`] : []
    const keys = [this.row.key, this.kinds.key, this.data.chosen.key, ...image, ...next.map(({ key }) => key)]
    const known = key => key === null || this.parts.has(key) || key === this.chosen.key
    const wants = [...new Set(keys)].filter(key => !known(key)).slice(0, 2)
    const now = performance.now()
    if (wants.join() === (this.asked ?? "") && (!wants.length || now - this.askedAt < AGAIN)) return
    ;[this.asked, this.askedAt] = [wants.join(), now]
    line.say("map", () => this.setState("view", { wants, beat: Math.round(now) }), PAGE)
  }

  choose(items) {
    const key = `lasso-${Math.round(performance.timeOrigin + performance.now())}`
    this.chosen = { key, items }
    this.say(`${count(items.length, "item")} chosen.`)
    line.say("map-chosen", () => this.setState("chosen", { key, items }), PAGE)
    this.draw()
  }

  open(item) {
    line.say("map-opened", () => this.setTrigger("opened", item), PAGE)
  }

  // -- pointer and keys -----------------------------------------------------------------------

  setLasso(on) {
    this.lassoing = on
    this.find(".lasso").setAttribute("aria-pressed", String(on))
    this.canvas.dataset.lasso = on
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect()
    const ratio = this.raster.ratio
    return [(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio]
  }

  press(event) {
    if (event.button !== 0 || !this.there) return
    this.canvas.setPointerCapture(event.pointerId)
    this.drag = { path: [this.at(event)], pan: this.places.pan, moved: false }
  }

  move(event) {
    if (!this.there) return
    const at = this.at(event)
    if (!this.drag) {
      this.point(this.places.nearest(...at, NEAR * this.raster.ratio))
      return
    }
    const [start] = this.drag.path
    const by = at.map((place, axis) => place - start[axis])
    this.drag.moved ||= Math.hypot(...by) > 4 * this.raster.ratio
    if (this.lassoing) this.drag.path = longer(this.drag.path, at, 3 * this.raster.ratio)
    else this.places.pan = this.drag.pan.map((old, axis) => old + by[axis] / this.places.zoom)
    this.draw()
  }

  release(event) {
    const { drag } = this
    this.drag = null
    if (!drag) return
    if (!drag.moved) {
      const item = this.places.nearest(...this.at(event), NEAR * this.raster.ratio)
      if (item !== null) this.open(item)
    } else if (this.lassoing) this.choose(this.places.within(drag.path))
    this.draw()
  }

  wheel(event) {
    if (!event.ctrlKey && !event.shiftKey && document.activeElement !== this.canvas) return // the page scrolls
    event.preventDefault()
    const { width, height } = this.raster
    const [x, y] = this.at(event)
    this.places.zoomBy(event.deltaY + event.deltaX < 0 ? 1.2 : 1 / 1.2, [x - width / 2, y - height / 2])
    this.draw()
  }

  key(event) {
    const direction = DIRECTIONS[event.key]
    if (direction) this.walkTo(direction)
    else if (event.key === "Enter" && this.cursor !== null) this.open(this.cursor)
    else if (event.key === "+" || event.key === "-") this.places.zoomBy(event.key === "+" ? 1.5 : 1 / 1.5)
    else return
    event.preventDefault()
    this.draw()
  }

  /** Go to the nearest item that lies more this way than aside. */
  walkTo([right, down]) {
    const { drawn, middle } = this.places
    const from = this.cursor === null ? middle : [drawn[2 * this.cursor], drawn[2 * this.cursor + 1]]
    const ahead = (dx, dy, item) => {
      const forward = dx * right + dy * down
      return item !== this.cursor && forward > 0 && forward >= Math.abs(dx * down + dy * right)
    }
    const item = this.places.nearest(...from, Infinity, this.cursor === null ? undefined : ahead)
    if (item === null) return
    this.point(item)
    this.say(this.words(item))
  }

  point(item) {
    if (item === this.cursor) return
    this.cursor = item
    this.rested = false
    clearTimeout(this.resting)
    if (item !== null) this.resting = setTimeout(() => { this.rested = true; this.fetch() }, REST)
    this.tellTip()
    this.draw()
  }

  words(item) {
    const distance = this.places.distance(item)
    const side = distance > this.row.R ? "outside" : "inside"
    const kind = this.codes ? this.kinds.names[this.codes[item]] : ""
    return `Item ${number(item)}: distance ${distance.toFixed(3)}, ${side}${kind && `, ${kind}`}.`
  }

  tellTip() {
    const tip = this.find(".tip")
    tip.hidden = this.cursor === null || !this.there
    if (tip.hidden) return
    const picture = this.parts.get(`image-${this.cursor}`)
    tip.replaceChildren(...(picture ? [portrait(picture)] : []), this.words(this.cursor))
    const [x, y] = [0, 1].map(axis => this.places.drawn[2 * this.cursor + axis] / this.raster.ratio)
    const { clientWidth: width, clientHeight: height } = this.canvas
    tip.style.left = x < width / 2 ? `${x + 14}px` : "auto"
    tip.style.right = x < width / 2 ? "auto" : `${width - x + 14}px`
    tip.style.top = y < height / 2 ? `${y + 8}px` : "auto"
    tip.style.bottom = y < height / 2 ? "auto" : `${height - y + 8}px`
  }

  say(sentence) {
    this.find(".live").textContent = sentence
  }

  // -- drawing --------------------------------------------------------------------------------

  /** The stamps of the kinds, of a size that fits the number of items. */
  stamps() {
    const { ratio } = this.raster
    const small = this.data.size > 20_000 ? 1.5 : this.data.size > 2_000 ? 2.1 : 3.2
    const key = `${this.mode} ${ratio} ${small} ${this.kinds.names.length}`
    if (this.stampKey !== key) {
      this.stampKey = key
      this.stamped = this.data.palette[this.mode].map(({ colour, shape, large }) => ({
        mask: stamp(shape, ratio * (large ? Math.max(4.4, 1.3 * small) : small)),
        colour: channels(colour),
      }))
    }
    return this.stamped
  }

  look() {
    this.colours ??= (style => ({ ground: channels(style.backgroundColor), ink: style.color, font: style.fontFamily }))(
      getComputedStyle(this.canvas),
    )
    return this.colours
  }

  draw() {
    if (!this.there || !this.raster.fit()) return
    const { raster, places } = this
    const { ground, ink } = this.look()
    places.lay(raster.width, raster.height)
    raster.clear(ground)
    const stamps = this.stamps()
    const { codes } = this
    this.lay(stamps, codes)
    for (const item of this.chosen.items) this.ring(item)
    raster.show()
    this.drawSphere(ink)
    if (this.data.current !== null) this.drawRing(this.data.current, 11, ink)
    if (this.cursor !== null) this.drawRing(this.cursor, 8, ink)
    if (this.drag?.moved && this.lassoing) this.drawLasso(ink)
  }

  /** Mark every item; those of the first kind, mostly the unlabeled, lie below the others. */
  lay(stamps, codes) {
    const { raster } = this
    const { drawn, count } = this.places
    for (const upper of [false, true]) {
      for (let item = 0; item < count; item++) {
        const code = codes ? codes[item] : 0
        if (code > 0 !== upper) continue
        const { mask, colour } = stamps[code]
        raster.mark(mask, drawn[2 * item], drawn[2 * item + 1], colour)
      }
    }
  }

  ring(item) {
    const { ratio } = this.raster
    if (this.ringRatio !== ratio) {
      this.ringRatio = ratio
      this.ringMask = stamp("ring", 4 * ratio)
    }
    const { drawn } = this.places
    this.raster.mark(this.ringMask, drawn[2 * item], drawn[2 * item + 1], CHOSEN)
  }

  drawRing(item, radius, ink) {
    const { pen, ratio } = this.raster
    const { drawn } = this.places
    pen.strokeStyle = ink
    pen.lineWidth = 2 * ratio
    pen.beginPath()
    pen.arc(drawn[2 * item], drawn[2 * item + 1], radius * ratio, 0, 7)
    pen.stroke()
  }

  drawLasso(ink) {
    const { pen, ratio } = this.raster
    pen.strokeStyle = ink
    pen.lineWidth = 1.5 * ratio
    pen.setLineDash([5 * ratio, 4 * ratio])
    pen.beginPath()
    for (const corner of this.drag.path) pen.lineTo(...corner)
    pen.closePath()
    pen.stroke()
    pen.setLineDash([])
  }

  /** The circle of radius R, the center, and what R is. */
  drawSphere(ink) {
    const { places, raster } = this
    const { pen, ratio } = raster
    const [x, y] = places.middle
    const radius = places.scale * places.shown(places.radius)
    pen.strokeStyle = pen.fillStyle = ink
    pen.lineWidth = 1.75 * ratio
    pen.beginPath()
    pen.arc(x, y, radius, 0, 7)
    pen.stroke()
    pen.font = `${13 * ratio}px ${this.look().font}`
    pen.textAlign = "center"
    const top = Math.max(16 * ratio, y - radius - 7 * ratio)
    const text = `R = ${this.places.radius.toPrecision(3)}`
    pen.lineWidth = 4 * ratio
    pen.strokeStyle = getComputedStyle(this.canvas).backgroundColor // legible where items are close
    for (const [what, at] of [[text, top], ["+", y + 4 * ratio]]) {
      pen.strokeText(what, x, at)
      pen.fillText(what, x, at)
    }
  }

  drawLegend() {
    const { names, counts } = this.kinds
    const palette = this.data.palette[this.mode]
    const rows = names.map((name, at) => {
      const row = document.createElement("li")
      row.append(sample(palette[at]), `${name}: ${number(counts[at])}`)
      return row
    })
    this.find(".legend").replaceChildren(...rows)
  }
}

const MODES = { label: "label", score: "score", class: "true class", round: "round of its label" }
const CHOSEN = [194, 70, 155] // red, green, blue

/** A part as the browser uses it: typed arrays in place of text. */
function opened(part) {
  const made = { ...part }
  if (part.places) made.places = new Int16Array(bytes(part.places).buffer)
  if (part.codes) made.codes = bytes(part.codes)
  if (part.items) made.items = [...new Uint32Array(bytes(part.items).buffer)]
  return made
}

/** An image as it was sent, 56 pixels wide. */
function portrait({ picture }) {
  const image = document.createElement("img")
  Object.assign(image, { src: picture, alt: "", width: 56, height: 56 })
  image.style.cssText = "display:block;image-rendering:pixelated;border-radius:4px;margin-bottom:4px"
  return image
}

/** A path with another corner, unless that is less than so many pixels away. */
function longer(path, corner, least) {
  const [x, y] = path.at(-1)
  return Math.hypot(corner[0] - x, corner[1] - y) < least ? path : [...path, corner]
}

/** A mark for the legend. */
function sample({ shape, colour }) {
  const canvas = document.createElement("canvas")
  canvas.width = canvas.height = 32
  canvas.setAttribute("aria-hidden", "true")
  const pen = canvas.getContext("2d")
  pen.fillStyle = colour
  pen.translate(16, 16)
  pen.scale(12, 12)
  pen.beginPath()
  SHAPES[shape](pen)
  pen.fill()
  return canvas
}

export default function mountMap({ data, parentElement, setStateValue, setTriggerValue }) {
  const map = (parentElement.ringfenceMap ??= new PoolMap(parentElement))
  map.setState = setStateValue
  map.setTrigger = setTriggerValue
  if (data) map.take(data)
  return () => {
    map.stop()
    delete parentElement.ringfenceMap
  }
}
