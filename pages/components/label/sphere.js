// The hypersphere beside the desk, with what was answered, what is proposed and what is on the desk;
// pointing at an item shows its image.

import { draw } from "../desk/album.js"
import { bytes } from "../js/codec.js"
import { COLOURS } from "../js/colours.js"
import { finder, make } from "../js/dom.js"
import { number } from "../js/numbers.js"
import { Hand } from "../sphere/hand.js"
import { Sphere } from "../sphere/sphere.js"
import { ItemTip, howFar } from "../sphere/tip.js"
import { Seen } from "./seen.js"

/** @import { Album } from "../desk/album.js" */
/** @import { Ticket } from "./queue.js" */
/** Of a model; base64 of 32-bit numbers: the items that are drawn, and x and y of each.
 * @typedef {{version: number, R: number, reach: number, items: string, places: string}} Places */
/** What the desk knows of items, and is told of them.
 * @typedef {object} Told
 * @property {(item: number) => Ticket | undefined} ticket why an item is asked, if it is
 * @property {(item: number) => void} saw an item with its place, which is the model's view of it
 * @property {() => void} lack the image that `looked` names
 * @property {(sentence: string) => void} say */

const SAID = { "1": "answered normal", "-1": "answered anomalous" }

export class DeskSphere {
  /** @type {number | undefined} */
  version
  /** @type {number[]} */
  items = [] // that are drawn
  places = new Map(/** @type {[number, number][]} */ ([])) // item -> its place among them
  /** @type {Map<number, number>} */
  label = new Map() // item -> 1 normal, -1 anomalous
  /** @type {number[]} */
  proposed = [] // the first one is on the desk
  told = false // whether the model's view is, and with it which of these is which
  seen = new Seen() // items whose places were told

  /** @param {HTMLElement} root @param {Album} album @param {Told} tell */
  constructor(root, album, tell) {
    const find = finder(root)
    const canvas = find(".sphere", HTMLCanvasElement)
    this.album = album
    this.tell = tell
    this.sphere = new Sphere(canvas, () => this.draw())
    this.tip = new ItemTip(find(".globe .tip"), canvas, () => this.look())
    this.hand = new Hand(canvas, this.sphere.places, {
      ready: () => this.items.length > 0,
      draw: () => this.draw(),
      point: at => this.point(at),
      reach: at => tell.say(this.words(this.items[at])),
      open: at => this.point(at),
      even: () => this.toggle(),
      choose: () => {},
    })
    this.button = find("[data-action=even]")
  }

  stop() {
    this.tip.stop()
    this.sphere.stop()
  }

  /** Draw distances beyond R like those within, or closer together again. */
  toggle() {
    const { places } = this.sphere
    places.even = !places.even
    this.button.setAttribute("aria-pressed", String(places.even))
    this.draw()
  }

  /** Take the places that a new model gives the items; they move there. @param {Places} map */
  move({ version, R, reach, items, places }) {
    const { now } = this.sphere.places
    const to = new Float32Array(bytes(places).buffer)
    const from = to.slice()
    const before = this.places
    this.version = version
    this.items = [...new Uint32Array(bytes(items).buffer)]
    this.places = new Map(this.items.map((item, at) => [item, at]))
    for (const [item, at] of this.places) {
      const old = before.get(item)
      if (old !== undefined) from.set(now.subarray(2 * old, 2 * old + 2), 2 * at)
    }
    this.hand.cursor = null
    this.tip.hide()
    this.sphere.travel(to, { R, reach }, before.size ? from : to)
  }

  /** @param {number} item @param {[number, number]} xy */
  place(item, xy) {
    if (this.places.has(item)) return
    this.places.set(item, this.sphere.places.add(xy))
    this.items.push(item)
  }

  // -- what is pointed at ---------------------------------------------------------------------

  /** The item that is pointed at. */
  get pointed() {
    return this.hand.cursor === null ? undefined : this.items[this.hand.cursor]
  }

  /** The item whose image is wanted and not here. */
  get looked() {
    const item = this.tip.rested ? this.pointed : undefined
    return item === undefined || this.album.image(item) ? null : item
  }

  /** @param {number | null} at */
  point(at) {
    this.hand.cursor = at
    this.tip.point(at !== null)
    if (this.pointed === undefined) this.tip.hide()
    else this.saw(this.pointed)
    this.draw()
  }

  /** @param {number} item */
  saw(item) {
    this.seen.add(item)
    this.tell.saw(item)
  }

  /** The pointer rests on an item. */
  look() {
    if (this.pointed !== undefined) this.album.photos.want([this.pointed])
    if (this.looked !== null) this.tell.lack()
    this.drawTip()
  }

  /** @param {number} item */
  words(item) {
    const { places } = this.sphere
    const at = this.places.get(item) ?? 0
    const y = this.label.get(item)
    const said = y === undefined ? "not answered" : SAID[/** @type {1 | -1} */ (y)]
    const ticket = y === undefined && this.tell.ticket(item)
    const why = ticket ? ` Asked because ${ticket.reason}.` : ""
    return `Item ${number(item)}, ${said}: ${howFar(places.distance(at), places.extent.R)}.${why}`
  }

  drawTip() {
    const item = this.pointed
    if (item === undefined) return this.tip.hide()
    const picture = this.album.picture(item)
    const canvas = picture && make("canvas")
    if (canvas) draw(canvas, picture)
    this.tip.show(this.sphere.places.at(this.hand.cursor ?? 0), this.words(item), canvas)
  }

  // -- drawing --------------------------------------------------------------------------------

  draw() {
    const { sphere, told, hand } = this
    const [current, ...coming] = this.proposed
    if (told) this.seen.add(...this.proposed)
    sphere.draw(
      () => this.lay(),
      pen => {
        if (told) for (const [at, item] of coming.entries()) this.on(item, spot => sphere.note(spot, String(at + 1)))
        if (told && current !== undefined) this.on(current, at => sphere.target(at, COLOURS.proposed))
        if (hand.cursor === null) return
        this.drawNeighbors(pen, hand.cursor)
        sphere.ring(hand.cursor, 8)
      },
    )
    if (hand.cursor !== null) this.drawTip()
  }

  lay() {
    const { sphere } = this
    sphere.putAll(() => true, sphere.mark("square", 1.6, COLOURS.unlabeled))
    const [proposed, normal, anomalous] = [
      sphere.mark("diamond-open", 4.4, COLOURS.proposed),
      sphere.mark("circle", 4.2, COLOURS.normal),
      sphere.mark("x-thin", 4, COLOURS.anomalous),
    ]
    for (const item of this.proposed) this.on(item, at => sphere.put(at, proposed))
    for (const [item, y] of this.label) this.on(item, at => sphere.put(at, y > 0 ? normal : anomalous))
  }

  /** Lines to what is most like the item that is pointed at, among what is answered.
   * @param {CanvasRenderingContext2D} pen @param {number} cursor its place */
  drawNeighbors(pen, cursor) {
    const ticket = this.tell.ticket(this.items[cursor])
    const { places } = this.sphere
    pen.lineWidth = 1
    pen.beginPath()
    for (const item of [...(ticket?.normals ?? []), ...(ticket?.anomalies ?? [])]) {
      this.on(item, at => {
        pen.moveTo(...places.at(cursor))
        pen.lineTo(...places.at(at))
      })
    }
    pen.stroke()
  }

  /** Do something where an item is drawn, if it is. @param {number} item @param {(at: number) => void} act */
  on(item, act) {
    const at = this.places.get(item)
    if (at !== undefined) act(at)
  }
}
