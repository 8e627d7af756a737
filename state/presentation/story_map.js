// The map of a presentation: the pool around the center, the image of what is pointed at beside it.

import { finder, name } from "../../pages/components/js/dom.js"
import { number } from "../../pages/components/js/numbers.js"
import { Hand } from "../../pages/components/sphere/hand.js"
import { Sheet } from "../../pages/components/sphere/sheet.js"
import { Sphere } from "../../pages/components/sphere/sphere.js"
import { ItemTip, howFar } from "../../pages/components/sphere/tip.js"

/** @import { Point } from "../../pages/components/sphere/places.js" */
/** @import { Sent } from "../../pages/components/sphere/sheet.js" */
/** @typedef {Sent & {items: number[]}} Pool the number of each item drawn, and pictures of some */
/** @typedef {{places: [number, number][], R: number, reach: number, pool: Pool}} Drawn */
/** @typedef {{letter: string, place: Point}} Letter of an image that tells the story */
/** @typedef {{sketch: string, radius: number, outside: number, story: Letter[]}} Line beyond which items are flagged */

const LOOK = { line: 2.5, dash: [9, 6], cross: "600 18px", named: false }
const [DOT, CROSS] = [3.2, 4] // CSS pixels, of what is not flagged and of what is

export class StoryMap {
  data = /** @type {Drawn} */ ({}) // before it is told
  line = /** @type {Line} */ ({ sketch: "", radius: 0, outside: 0, story: [] })
  /** The place of the item that stays marked. @type {number | null} */
  chosen = null
  sheet = new Sheet(() => this.draw())

  /** @param {ParentNode} root */
  constructor(root) {
    this.find = finder(root)
    this.canvas = this.find(".map", HTMLCanvasElement)
    this.sphere = new Sphere(this.canvas, () => this.draw(), LOOK)
    this.tip = new ItemTip(this.find(".tip"), this.canvas, () => {})
    this.hand = new Hand(this.canvas, this.sphere.places, {
      ready: () => this.data.places !== undefined,
      draw: () => this.draw(),
      point: () => this.draw(),
      reach: at => this.say(at),
      open: at => this.choose(at),
      choose: () => {},
      even: () => this.toggleScale(),
    })
  }

  stop() {
    this.sphere.stop()
  }

  /** @param {Drawn} data */
  take(data) {
    this.data = data
    this.chosen = null
    this.sheet.take(data.pool)
    this.sphere.travel(Float32Array.from(data.places.flat()), { R: data.R, reach: data.reach })
  }

  /** Draw the line of a threshold. @param {Line} line */
  show(line) {
    this.line = line
    name(this.canvas, line.sketch)
    this.sphere.line = line.radius
    this.draw()
  }

  /** Keep an item marked, or no longer. @param {number} at */
  choose(at) {
    this.chosen = this.chosen === at ? null : at
    this.say(at)
    this.draw()
  }

  toggleScale() {
    this.sphere.places.even = !this.sphere.places.even
    this.draw()
  }

  /** The pool, the most anomalous first: what lies outside the line is flagged. */
  draw() {
    if (!this.data.places) return
    const { sphere, canvas, chosen, hand, line: { outside, story } } = this
    const style = getComputedStyle(canvas)
    sphere.draw(
      () => {
        const dot = sphere.mark("dot", DOT, style.getPropertyValue("--quiet"))
        const cross = sphere.mark("x-thin", CROSS, style.getPropertyValue("--wrong"))
        for (let at = outside; at < sphere.places.count; at++) sphere.put(at, dot)
        for (let at = 0; at < outside; at++) sphere.put(at, cross)
      },
      () => {
        for (const { letter, place } of story) sphere.letter(place, letter)
        if (chosen !== null) sphere.target(chosen, style.color)
        if (hand.cursor !== null) sphere.ring(hand.cursor, 8)
      },
    )
    this.tell(hand.cursor ?? chosen)
  }

  /** Say beside an item what it is, with its picture if there is one. @param {number | null} at */
  tell(at) {
    if (at === null) this.tip.hide()
    else this.tip.show(this.sphere.places.at(at), this.words(at), this.sheet.picture(at))
  }

  /** @param {number} at */
  say(at) {
    this.find(".reached").textContent = this.words(at)
  }

  /** @param {number} at */
  words(at) {
    const far = howFar(this.sphere.places.distance(at), this.data.R)
    return `Item ${number(this.data.pool.items[at])}, ${at < this.line.outside ? "flagged" : "passed"}: ${far}.`
  }
}
