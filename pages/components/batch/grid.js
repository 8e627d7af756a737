// The grid: marks for many images, kept together in one commit, taken back together.

import { Desk } from "../desk/desk.js"
import { isCommand, isTheirs, keyOf, nameOf } from "../desk/keys.js"
import { write } from "../js/dom.js"
import { mounting } from "../js/mounting.js"
import { newId } from "../js/names.js"
import { count, number } from "../js/numbers.js"
import { ITS_OWN_KEYS, streamlit } from "../js/streamlit.js"
import { outbox } from "../js/tab.js"
import { Board } from "./board.js"
import { meaning, ownKeys, stepOf, walks } from "./keys.js"
import { Memory } from "./memory.js"
import { Screen } from "./screen.js"
import { Selection } from "./selection.js"
import { Sheet } from "./sheet.js"
import { answered, rowAndColumn, saved, whereabouts } from "./words.js"

/** @import { Delivery } from "../desk/desk.js" */
/** @import { Keys } from "../desk/keys.js" */
/** @import { Draft, Listener, Outcome } from "../js/outbox.js" */
/** @import { Guide } from "./screen.js" */
/** @import { Step } from "./selection.js" */

/** What is recorded of an item.
 * @typedef {{
 *   item: number, version: number | null, strategy: string | null, prediction: boolean,
 * }} Recorded */
/** @typedef {{mode: string, size: number, like: number | null}} Choice what a person wants to see */
/** What is delivered to the grid; `taken` needs no answer of this person's any more.
 * @typedef {Delivery & {
 *   choice: Choice, size: number, queue: Recorded[], past_cells: Recorded[], held: number[], taken: number[],
 *   guide: Guide,
 * }} Data */

const PAGE = "batch"
const RENEW = 15_000 // ms between two signs of life
const ABOVE = 420 // CSS pixels of a window that are not for the images
const LOOK = 250 // ms that images are on screen before a click or "the rest" can mean them
const TO_A_COLLEAGUE = "answered by others" // why the store refuses an answer that came too late

/** @extends {Desk<Data>} */
class Grid extends Desk {
  /** @param {HTMLElement} root */
  constructor(root) {
    super(root, PAGE, RENEW)
    this.screen = new Screen(root)
    this.sheet = new Sheet(this.album.image)
    this.album.loaded = () => this.draw()
    this.selection = new Selection()
    const canvas = this.find("canvas", HTMLCanvasElement)
    this.board = new Board(canvas, this.selection, {
      click: (place, event) => this.pick(place, event),
      tap: place => this.tap(place),
      lasso: (places, event, drawn) => this.enclose(places, event, drawn),
    })
    /** @type {Keys} */
    this.keys = {}
    /** @type {Map<number, Recorded>} */
    this.recorded = new Map() // by item
    this.paintedAt = 0
    this.shownAt = 0
    this.saved = 0 // answers of the last sending, until a person goes on
    /** @type {Memory<Choice>} */
    this.memory = new Memory(() => sessionStorage)
    /** @type {number[] | null} */
    this.back = null // items with marks from before, until the server has handed them out again
    // The canvas has a transition on its colour only to hear of a change of theme.
    canvas.addEventListener("transitionend", () => this.draw())
    const observer = new ResizeObserver(() => this.draw())
    observer.observe(root)
    this.stops.push(() => observer.disconnect())
    this.refresh()
  }

  // -- what comes from the server ------------------------------------------------------------

  /** @param {Data} data @param {Data | null} before */
  deliver(data, before) {
    const another = !sameChoice(data.choice, before?.choice)
    this.keys = ownKeys(data.keys)
    for (const cell of [...data.past_cells, ...data.queue]) this.recorded.set(cell.item, cell)
    const handled = new Set(this.history.open.map(({ item }) => item))
    this.sheet.queue = data.queue.map(({ item }) => item).filter(item => !handled.has(item))
    if (another) this.clear()
    if (!before) this.recall()
    else if (another) this.back = null
    if (this.back) {
      if (data.held.length === 0) return this.refresh() // asks for them
      this.sheet.show(this.back.filter(item => this.sheet.queue.includes(item)))
      this.back = null
      this.show()
    }
    if (!another) this.giveUp(data.taken.filter(item => !handled.has(item) && !this.history.reopened(item)))
    this.fill()
    if (another) this.settleFocus()
    this.render()
  }

  /** Take up the marks that were no answers yet when the page was left. */
  recall() {
    const known = this.memory.recall(this.data)
    if (!known) return
    this.saved = known.saved
    if (known.marks.length === 0) return
    this.sheet.marks = new Map(known.marks)
    if (known.items.length > 0 && sameChoice(this.data.choice, known.choice)) this.back = known.items
  }

  /** Leave out what a colleague has answered.
   * @param {number[]} items */
  giveUp(items) {
    const lost = this.sheet.giveUp(items)
    if (lost.length > 0) this.tell(`${answered(lost)}; left out here.`)
    if (this.sheet.open.length === 0) this.clear()
  }

  /** Fill the grid up, while labels are left. */
  fill() {
    if (this.history.left <= 0) this.clear()
    else if (this.sheet.fill(this.data.size)) {
      this.fresh()
      this.refresh()
    }
  }

  clear() {
    this.sheet.show([])
    this.show()
  }

  /** Other items are on screen. */
  show() {
    this.selection.reset()
    this.fresh()
  }

  fresh() {
    this.paintedAt = performance.now()
    this.shownAt = Date.now() / 1000
  }

  /** Whether the images have been on screen long enough to be meant. */
  look = () => performance.now() - this.paintedAt >= LOOK

  view() {
    const choice = this.delivered?.choice ?? null
    return { choice, held: this.back ?? this.sheet.items, images: this.album.items, beat: newId() }
  }

  /** @param {Parameters<Listener>[0]} what @param {Outcome[]} told */
  hear(what, told) {
    super.hear(what, told)
    const late = []
    for (const { event, refusal } of told) {
      if (!refusal || event.kind === "undo") continue // of an answer that was itself refused
      this.saved = Math.max(0, this.saved - 1)
      if (refusal.reason === TO_A_COLLEAGUE) late.push(event.item)
      else this.tell(`Item ${number(event.item)} was not counted. ${refusal.sentence}`)
    }
    const yours = late.length > 1 ? "your answers were" : "your answer was"
    if (late.length > 0) this.tell(`${answered(late)}; ${yours} not counted.`)
    if (told.length > 0) this.refresh()
    this.drawStatus()
  }

  // -- what the person does ------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  press(event) {
    const all = (event.ctrlKey || event.metaKey) && keyOf(event) === "a"
    if (!this.delivered || (!all && isCommand(event)) || isTheirs(event) || streamlit.covered) return
    const step = stepOf(event)
    if (step && walks(event)) return
    const what = all ? "all" : meaning(this.keys, event)
    if (!what && !step && !ITS_OWN_KEYS.includes(keyOf(event))) return
    event.preventDefault()
    event.stopPropagation()
    if (step) this.move(step, event.shiftKey)
    else if (what && !event.repeat) this.act(what)
  }

  /** @param {string} action */
  click(action) {
    if (action === "keep" || this.look()) this.act(action)
  }

  /** @param {string} what */
  act(what) {
    this.screen.press(what)
    if (!this.delivered) return
    if (what === "keep") this.keep()
    else if (what === "undo") this.undo()
    else if (what === "rest") this.rest()
    else if (what === "all") this.select(this.sheet.items.keys())
    else if (what === "escape") this.escape()
    else if (what === "clear") this.mark(this.selection.targets)
    else this.answer(what)
  }

  /** Mark what is selected or under the cursor; from one image, go on to the next.
   * @param {string} answer */
  answer(answer) {
    const { targets } = this.selection
    if (targets.length === 1 && this.data.may_answer) {
      this.selection.goOn(this.sheet.openPlaces)
      this.screen.bringIntoSight(this.board.layout, this.selection.cursor)
    }
    this.mark(targets, answer)
  }

  /** @param {number[]} places @param {string} [answer] */
  mark(places, answer) {
    if (!this.data.may_answer) return
    this.saved = 0
    this.sheet.mark(places, answer)
    this.render()
    const many = `${places.length} images: ${answer ?? "not marked"}`
    const [cursor] = places
    this.say(`${places.length > 1 ? many : whereabouts(this.sheet, { cursor, places: new Set() })}.`)
  }

  rest() {
    if (!this.data.may_answer || !this.look()) return
    this.saved = 0
    const more = this.sheet.rest("normal")
    this.render()
    this.say(`${count(more, "more image")} marked normal. ${count(this.sheet.marked.length, "answer")} to save.`)
  }

  keep() {
    const { marked, marks, cost } = this.sheet
    if (marked.length === 0 || !this.data.may_answer) {
      this.say("Nothing is marked yet.")
      return
    }
    const { left } = this.history
    if (cost > left) {
      this.tell(`Only ${count(left, "label")} left: take ${count(cost - left, "mark")} away, or choose unsure.`)
      return
    }
    const batch = newId()
    const events = marked.map(item => this.event(item, { kind: "answer", answer: marks.get(item), batch }))
    this.sheet.keep()
    this.show()
    this.find(".banner").hidden = true
    this.saved = events.length
    this.history.send(events)
    this.fill()
    this.render()
    this.say(`Saved ${count(events.length, "answer")}. ${this.sheet.items.length > 0 ? "Next images." : ""}`)
  }

  undo() {
    const { standing } = this
    const last = standing.at(-1)
    if (!last || !this.data.may_answer) {
      this.tell("There is no batch of yours to take back.")
      return
    }
    const together = standing.filter(({ batch }) => batch === last.batch)
    this.sheet.bringBack(new Map(together.map(({ item, said }) => [item, said])), this.data.size)
    this.show()
    this.saved = 0
    this.history.send(together.map(({ uuid, item }) => this.event(item, { kind: "undo", undoes: uuid })))
    this.render()
    this.refresh()
    const they = together.length > 1 ? "they are" : "it is"
    this.tell(`Took back ${count(together.length, "answer")}; here ${they} again, marked as before.`)
  }

  /** The person's own answers given in batches, as far as this tab knows, oldest first. */
  get standing() {
    return this.history.standing.filter(({ kind, batch }) => kind === "answer" && batch)
  }

  /** @param {number} item @param {Pick<Draft, "kind"> & Partial<Draft>} values */
  event(item, values) {
    const recorded = this.recorded.get(item)
    const seen = { shown_at: this.shownAt, prediction_shown: Boolean(recorded?.prediction) }
    return this.history.event(item, recorded ?? {}, { ...seen, ...values })
  }

  // -- cursor and selection --------------------------------------------------------------------

  /** @param {Step} step @param {boolean} extend */
  move(step, extend) {
    const { layout } = this.board
    this.selection.move(step, layout.columns, this.sheet.items.length)
    if (extend) this.selection.range()
    else this.selection.select([])
    this.selected()
    this.screen.bringIntoSight(layout, this.selection.cursor)
  }

  /** @param {Iterable<number>} places */
  select(places) {
    this.selection.select(places)
    this.selected()
  }

  /** Close the guide, or else let go of what is selected. */
  escape() {
    if (!this.screen.closeGuide()) this.select([])
  }

  /** Show and say what is selected by now. */
  selected() {
    this.saved = 0
    this.render()
    this.sayWhere()
  }

  /** @param {number | null} place @param {PointerEvent} event */
  pick(place, event) {
    if (place === null) this.selection.select([])
    else this.selection.click(place, event.shiftKey, event.ctrlKey || event.metaKey)
    this.selected()
  }

  /** @param {number | null} place */
  tap(place) {
    if (place !== null) this.selection.cursor = place
    this.select([])
    if (place !== null && this.look()) this.mark([place], this.sheet.following(place))
  }

  /** @param {number[]} places @param {PointerEvent} event @param {boolean} drawn */
  enclose(places, event, drawn) {
    this.selection.enclose(places, drawn && event.shiftKey, drawn)
    this.draw()
    if (drawn) this.sayWhere()
  }

  /** A mode chosen with the mouse: the next key is meant for the images, not for the control. */
  settleFocus() {
    const active = document.activeElement
    if (streamlit.isControl(active) && !active?.matches(":focus-visible"))
      this.find(".board").focus({ preventScroll: true })
  }

  // -- what is on screen -----------------------------------------------------------------------

  render() {
    const { items, marks } = this.sheet
    const { choice } = this.data
    if (!this.back) this.memory.keep(this.data, { choice, items, marks: [...marks], saved: this.saved })
    const { guide, may_answer: mayAnswer } = this.data
    const nothing = items.length === 0 ? this.nothing() : ""
    const marked = this.sheet.marked.length
    this.screen.draw({ nothing, guide, mayAnswer, marked, undoable: this.standing.length }, this.keys)
    this.draw()
    this.drawStatus()
  }

  draw() {
    if (this.sheet.items.length === 0) return
    const { marks, taken } = this.sheet
    this.album.photos.want(this.sheet.items)
    const cells = this.sheet.items.map(item => ({
      item,
      image: this.album.image(item),
      photo: this.album.photos.of(item),
      mark: marks.get(item),
      taken: taken.has(item),
    }))
    this.board.draw(cells, this.root.clientWidth, Math.max(280, window.innerHeight - ABOVE))
  }

  drawStatus() {
    if (!this.delivered) return
    const where = this.sheet.items.length > 0 ? `${whereabouts(this.sheet, this.selection)}.` : ""
    const undo = nameOf(this.keys.undo)
    write(this.find(".where"), this.saved > 0 ? saved(this.saved, outbox.size > 0, undo) : where)
    this.find(".where").dataset.saved = String(this.saved > 0 && outbox.size === 0)
    write(this.find(".left"), this.leftText + (outbox.size > 0 ? `, ${outbox.size} on the way` : ""))
    this.drawOffline()
  }

  nothing() {
    const { may_answer: may, budget, nothing } = this.data
    if (may && this.history.left <= 0) {
      return `All ${number(budget)} labels are bought. See what they brought on Overview, or take the last batch back with ${nameOf(this.keys.undo)}.`
    }
    const coming = this.sheet.queue.length > 0 || this.history.recent.some(({ seq }) => seq === null)
    return may && coming ? "More images are on their way ..." : nothing
  }

  sayWhere() {
    const { cursor } = this.selection
    this.say(`${whereabouts(this.sheet, this.selection)}; ${rowAndColumn(this.board.layout, cursor)}.`)
  }
}

/** @param {Choice} one @param {Choice} [other] */
const sameChoice = (one, other) =>
  one.mode === other?.mode && one.size === other?.size && one.like === other?.like

export default mounting(parent => new Grid(/** @type {HTMLElement} */ (parent.querySelector(".batch"))))
