// @ts-nocheck
// The grid: marks for many images, kept together in one commit, taken back together.

import { Album } from "../js/codec.js"
import { History } from "../js/history.js"
import { USUAL, isElsewhere, keyOf, nameOf } from "../js/keys.js"
import { count, number } from "../js/numbers.js"
import { newId } from "../js/outbox.js"
import { line, outbox } from "../js/tab.js"
import { Board } from "./board.js"

const PAGE = "batch"
const RENEW = 15_000 // ms between two signs of life, which renew the leases
const ABOVE = 420 // CSS pixels of a window that are not for the images
const LOOK = 250 // ms that images are on screen before a click or "the rest" can mean them
const CYCLE = { undefined: "normal", normal: "anomalous", anomalous: undefined, unsure: undefined }
const OUR_OWN = { Enter: "keep", r: "rest", Delete: "clear", Escape: "escape" }
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: "up", ArrowDown: "down", Home: "first", End: "last" }
const TO_A_COLLEAGUE = /^Others have answered/ // how the store refuses an answer that came too late
const WALKS = "[role=radiogroup], [role=tablist], [role=slider], [role=menu], [role=listbox]"

class Grid {
  constructor(root, setStateValue) {
    this.root = root.querySelector(".batch")
    this.find = selector => this.root.querySelector(selector)
    this.setState = setStateValue
    this.album = new Album()
    this.board = new Board(this.find("canvas"), (...heard) => this.pick(...heard))
    this.data = null
    this.grid = [] // items on screen
    this.queue = [] // items for the grids after it
    this.marks = new Map() // item -> answer; not yet kept
    this.taken = new Set() // items on screen that somebody else has answered
    this.cells = new Map() // item -> what is recorded of it
    this.history = new History()
    this.anchor = 0 // where a range begins
    this.build()
    this.stops = [outbox.listen((what, told) => this.hear(what, told))]
    this.on(window, "keydown", event => this.press(event), true)
    this.on(document, "visibilitychange", () => this.refresh())
    const timer = setInterval(() => document.visibilityState === "visible" && this.refresh(), RENEW)
    const observer = new ResizeObserver(() => this.draw())
    observer.observe(this.root)
    this.stops.push(
      () => clearInterval(timer),
      () => observer.disconnect(),
    )
  }

  on(target, type, listener, capture = false) {
    target.addEventListener(type, listener, capture)
    this.stops.push(() => target.removeEventListener(type, listener, capture))
  }

  stop() {
    line.drop("grid")
    for (const stop of this.stops) stop()
  }

  build() {
    for (const button of this.root.querySelectorAll("[data-action]")) {
      button.addEventListener("mousedown", event => event.preventDefault()) // the focus stays put
      const { action } = button.dataset
      button.addEventListener("click", () => (action === "keep" || this.look()) && this.act(action))
    }
    // The canvas has a transition on its colour only to hear of a change of theme.
    this.find("canvas").addEventListener("transitionend", () => this.draw())
  }

  // -- what comes from the server ------------------------------------------------------------

  take(data) {
    const another = !sameChoice(data.choice, this.data?.choice)
    this.data = data
    this.keys = ownKeys(data.keys)
    this.album.add(data.images, data.shape)
    for (const cell of [...data.past_cells, ...data.queue]) this.cells.set(cell.item, cell)
    this.history.take(data)
    const handled = new Set(this.history.open.map(({ item }) => item))
    this.queue = data.queue.map(({ item }) => item).filter(item => !handled.has(item))
    if (another) this.show([])
    else this.giveUp(data.taken.filter(item => !handled.has(item) && !this.history.reopened(item)))
    this.fill()
    if (another) this.settleFocus()
    this.render()
  }

  /** Leave out what a colleague has answered; it stays on screen, so that nothing moves. */
  giveUp(items) {
    const lost = items.filter(item => this.grid.includes(item) && !this.taken.has(item))
    for (const item of lost) {
      this.taken.add(item)
      this.marks.delete(item)
    }
    if (lost.length > 0) this.tell(`${answered(lost)}; left out here.`)
    if (this.grid.every(item => this.taken.has(item))) this.show([])
  }

  /** Fill the grid up with what is next in line and can be drawn, while labels are left. */
  fill() {
    if (this.history.left <= 0) return this.show([])
    const free = this.queue.filter(item => !this.grid.includes(item) && this.album.image(item))
    const more = free.slice(0, Math.max(0, this.data.size - this.grid.length))
    if (more.length === 0) return
    this.grid.push(...more)
    this.fresh()
    this.refresh()
  }

  /** Put other items on screen, and what is next in line after them. */
  show(items) {
    this.grid = items.filter(item => this.album.image(item))
    this.taken.clear()
    this.board.selected.clear()
    this.board.cursor = this.anchor = 0
    this.fresh()
  }

  fresh() {
    this.paintedAt = performance.now()
    this.shownAt = Date.now() / 1000
  }

  /** Whether the images have been on screen long enough to be meant. */
  look = () => performance.now() - this.paintedAt >= LOOK

  /** Say what this tab has, which renews its leases; the answer brings what is new. */
  refresh() {
    line.say("grid", () => this.report(), PAGE)
  }

  report() {
    this.setState("view", {
      client: outbox.client,
      choice: this.data?.choice ?? null,
      held: this.grid,
      images: this.album.items,
      beat: newId(),
    })
  }

  hear(what, told) {
    if (what === "renamed") this.refresh()
    const late = []
    for (const outcome of told) {
      const { event, sentence } = outcome
      this.history.settle(outcome)
      if (!sentence || event.kind === "undo") continue // of an answer that was itself refused
      if (TO_A_COLLEAGUE.test(sentence)) late.push(event.item)
      else this.tell(`Item ${number(event.item)} was not counted. ${sentence}`)
    }
    const yours = late.length > 1 ? "your answers were" : "your answer was"
    if (late.length > 0) this.tell(`${answered(late)}; ${yours} not counted.`)
    if (told.length > 0) this.refresh()
    this.drawStatus()
  }

  // -- what the person does ------------------------------------------------------------------

  press(event) {
    const target = event.composedPath()[0]
    const all = (event.ctrlKey || event.metaKey) && keyOf(event) === "a"
    if (!this.data || isElsewhere(all ? { key: "a", composedPath: () => [target] } : event)) return
    if (event.key in STEPS && target?.closest?.(WALKS)) return
    const what = all ? "all" : this.meaning(event)
    if (!what && !["r", "c"].includes(keyOf(event))) return // those two are Streamlit's own
    event.preventDefault()
    event.stopPropagation()
    if (event.key in STEPS) this.move(STEPS[event.key], event.shiftKey)
    else if (what && !event.repeat) this.act(what)
  }

  meaning(event) {
    const own = Object.keys(this.keys).find(name => this.keys[name] === keyOf(event))
    return own ?? OUR_OWN[keyOf(event)] ?? (event.key in STEPS ? "move" : null)
  }

  act(what) {
    const button = this.find(`[data-action=${what}]`)
    button?.classList.add("pressed")
    setTimeout(() => button?.classList.remove("pressed"), 120)
    if (!this.data) return
    if (what === "keep") this.keep()
    else if (what === "undo") this.undo()
    else if (what === "rest") this.rest()
    else if (what === "all") this.select(this.grid.keys())
    else if (what === "escape") this.select([])
    else this.mark(this.targets, what === "clear" ? undefined : what)
  }

  /** The places that a mark goes to: those selected, else the one under the cursor. */
  get targets() {
    const { selected, cursor } = this.board
    return selected.size > 0 ? [...selected] : [cursor]
  }

  mark(places, answer) {
    if (!this.data.may_answer) return
    for (const item of places.map(place => this.grid[place])) {
      if (item === undefined || this.taken.has(item)) continue
      if (answer) this.marks.set(item, answer)
      else this.marks.delete(item)
    }
    this.render()
    const many = places.length > 1 ? `${places.length} images: ${answer ?? "not marked"}` : this.whereabouts()
    this.say(`${many}.`)
  }

  rest() {
    if (!this.data.may_answer || !this.look()) return
    const open = this.open.filter(item => !this.marks.has(item))
    for (const item of open) this.marks.set(item, "normal")
    this.render()
    this.say(`${count(open.length, "more image")} marked normal. ${count(this.marked.length, "answer")} to keep.`)
  }

  get open() {
    return this.grid.filter(item => !this.taken.has(item))
  }

  get marked() {
    return this.open.filter(item => this.marks.has(item))
  }

  keep() {
    const { marked } = this
    if (marked.length === 0 || !this.data.may_answer) return this.say("Nothing is marked yet.")
    const bought = marked.filter(item => this.marks.get(item) !== "unsure").length
    if (bought > this.history.left) {
      const over = count(bought - this.history.left, "mark")
      return this.tell(`Only ${count(this.history.left, "label")} left: take ${over} away, or choose unsure.`)
    }
    const batch = newId()
    const events = marked.map(item =>
      this.event(item, { kind: "answer", answer: this.marks.get(item), batch }),
    )
    for (const item of marked) this.marks.delete(item)
    this.find(".banner").hidden = true
    this.show(this.open.filter(item => !marked.includes(item)))
    this.queue = this.queue.filter(item => !marked.includes(item))
    this.history.send(events)
    this.fill()
    this.render()
    this.say(`Kept ${count(events.length, "answer")}. ${this.grid.length > 0 ? "Next images." : ""}`)
  }

  undo() {
    const { standing } = this
    const last = standing.at(-1)
    if (!last || !this.data.may_answer) return this.tell("There is no batch of yours to take back.")
    const together = standing.filter(({ batch }) => batch === last.batch)
    for (const { item, said } of together) this.marks.set(item, said)
    const items = together.map(({ item }) => item)
    const before = this.open.filter(item => !items.includes(item))
    const room = Math.max(0, this.data.size - items.length)
    this.queue = [...before.slice(room), ...this.queue]
    this.show([...items, ...before.slice(0, room)])
    this.history.send(together.map(({ uuid, item }) => ({ ...this.event(item, { kind: "undo" }), undoes: uuid })))
    this.render()
    this.refresh()
    const [them, they] = items.length > 1 ? [`${items.length} answers`, "they are"] : ["1 answer", "it is"]
    this.tell(`Took back ${them}; here ${they} again, marked as before.`)
  }

  /** The person's own answers given in batches, as far as this tab knows, oldest first. */
  get standing() {
    return this.history.standing.filter(({ kind = "answer", batch }) => kind === "answer" && batch)
  }

  event(item, values) {
    const cell = this.cells.get(item) ?? {}
    const seen = { shown_at: this.shownAt, prediction_shown: Boolean(cell.prediction) }
    return this.history.event(item, cell, { ...seen, ...values })
  }

  // -- cursor and selection --------------------------------------------------------------------

  move(step, extend) {
    const { board, grid } = this
    const { columns } = board
    const steps = { up: -columns, down: columns, first: -board.cursor, last: grid.length }
    const to = board.cursor + (steps[step] ?? step)
    const leaves = (step === "up" && to < 0) || (step === "down" && to >= grid.length)
    if (!leaves) board.cursor = Math.max(0, Math.min(grid.length - 1, to))
    if (extend) this.range()
    else this.select([])
    this.bringIntoSight()
  }

  range() {
    const [from, to] = [this.anchor, this.board.cursor].sort((a, b) => a - b)
    this.board.selected = new Set(Array.from({ length: to - from + 1 }, (_, at) => from + at))
    this.render()
    this.sayWhere()
  }

  select(places) {
    this.board.selected = new Set(places)
    this.anchor = this.board.cursor
    this.render()
    this.sayWhere()
  }

  /** What a pointer did on the board. */
  pick(what, place, event) {
    const { board } = this
    if (what === "drawing" || what === "lasso") {
      const kept = event.shiftKey ? board.selected : []
      board.selected = new Set([...(what === "lasso" ? kept : []), ...place])
      if (what === "lasso" && place.length > 0) board.cursor = this.anchor = place[0]
      this.draw()
      if (what === "lasso") this.sayWhere()
    } else if (place === null) this.select([])
    else if (what === "tap") {
      board.cursor = place
      this.select([])
      if (this.look()) this.mark([place], CYCLE[this.marks.get(this.grid[place])])
    } else {
      board.cursor = place
      const toggled = new Set(board.selected)
      if (!toggled.delete(place)) toggled.add(place)
      if (event.shiftKey) this.range()
      else this.select(event.ctrlKey || event.metaKey ? toggled : [place])
    }
  }

  bringIntoSight() {
    const spot = this.find(".spot")
    const [left, top] = this.board.corner(this.board.cursor)
    const { frame } = this.board
    Object.assign(spot.style, { left: `${left}px`, top: `${top}px`, width: `${frame}px`, height: `${frame}px` })
    spot.scrollIntoView({ block: "nearest" })
  }

  /** A mode chosen with the mouse: the next key is meant for the images, not for the control. */
  settleFocus() {
    const active = document.activeElement
    if (active?.closest("[data-testid=stButtonGroup]") && !active.matches(":focus-visible"))
      this.find(".board").focus({ preventScroll: true })
  }

  // -- what is on screen -----------------------------------------------------------------------

  render() {
    const empty = this.grid.length === 0
    this.root.dataset.empty = String(empty)
    this.find(".empty").textContent = empty ? this.nothing() : ""
    this.find(".task").textContent = this.data.task || "Normal or anomalous?"
    for (const [action, key] of Object.entries({ ...this.keys, rest: "r", keep: "Enter" })) {
      const button = this.find(`[data-action=${action}]`)
      const shadowed = action === "rest" && Object.values(this.keys).includes(key)
      button.querySelector("kbd").textContent = key === "Enter" ? "↵" : nameOf(key)
      button.querySelector("kbd").hidden = shadowed
      button.setAttribute("aria-keyshortcuts", key === " " ? "Space" : key)
      const idle = action === "undo" ? this.standing.length === 0 : action === "keep" ? this.marked.length === 0 : empty
      button.setAttribute("aria-disabled", String(idle || !this.data.may_answer))
    }
    this.find(".count").textContent = `Keep ${count(this.marked.length, "answer")}`
    this.draw()
    this.drawStatus()
  }

  draw() {
    if (this.grid.length === 0) return
    this.board.cells = this.grid.map(item => ({
      item,
      image: this.album.image(item),
      mark: this.marks.get(item),
      taken: this.taken.has(item),
    }))
    this.board.draw(this.root.clientWidth, Math.max(280, window.innerHeight - ABOVE))
  }

  drawStatus() {
    if (!this.data) return
    const waiting = outbox.size > 0 ? `, ${outbox.size} on the way` : ""
    this.find(".where").textContent = this.grid.length > 0 ? `${this.whereabouts()}.` : ""
    this.find(".left").textContent = `${number(Math.max(0, this.history.left))} of ${number(this.data.budget)} labels left${waiting}`
    this.find(".offline").hidden = outbox.connected
    this.find(".offline").textContent = outbox.connected
      ? ""
      : `No connection to Ringfence. You can go on: ${count(outbox.size, "answer")} in this browser, kept for when it is back.`
  }

  /** The item under the cursor and its mark, and how many are selected. */
  whereabouts() {
    const { cursor, selected } = this.board
    const item = this.grid[cursor]
    if (item === undefined) return "No image"
    const mark = this.taken.has(item) ? "answered by a colleague" : (this.marks.get(item) ?? "not marked")
    return `Item ${number(item)}: ${mark}${selected.size > 1 ? `; ${selected.size} selected` : ""}`
  }

  nothing() {
    const { may_answer: may, budget, nothing } = this.data
    if (may && this.history.left <= 0) {
      return `All ${number(budget)} labels are bought. See what they brought on Overview, or take the last batch back with ${nameOf(this.keys.undo)}.`
    }
    const coming = this.queue.length > 0 || this.history.recent.some(({ seq }) => seq === null)
    return may && coming ? "More images are on their way ..." : nothing
  }

  tell(sentence) {
    const banner = this.find(".banner")
    banner.textContent = sentence
    banner.hidden = false
  }

  say(sentence) {
    this.find(".live").textContent = sentence
  }

  sayWhere() {
    const { columns, cursor } = this.board
    const place = `row ${Math.floor(cursor / columns) + 1}, column ${(cursor % columns) + 1}`
    this.say(`${this.whereabouts()}; ${place}.`)
  }
}

/** The sentence that begins what is said of items answered by a colleague. */
function answered(items) {
  const names = items.map(number)
  const last = names.pop()
  if (names.length === 0) return `Item ${last} was answered by a colleague meanwhile`
  return `Items ${names.join(", ")} and ${last} were answered by a colleague meanwhile`
}

const sameChoice = (one, other) =>
  one?.mode === other?.mode && one?.size === other?.size && one?.like === other?.like

/** The person's own keys, but for those that the grid needs itself. */
function ownKeys(chosen) {
  const keys = {}
  for (const action of ["normal", "anomalous", "unsure", "undo"]) {
    const key = chosen?.[action] ?? USUAL[action]
    keys[action] = key in STEPS || key === "Delete" ? USUAL[action] : key
  }
  return keys
}

export default function mountGrid({ data, parentElement, setStateValue }) {
  if (!parentElement.ringfenceGrid) {
    parentElement.ringfenceGrid = new Grid(parentElement, setStateValue)
    parentElement.ringfenceGrid.refresh()
  }
  const grid = parentElement.ringfenceGrid
  grid.setState = setStateValue
  if (data && data.client === outbox.client) grid.take(data)
  return () => {
    grid.stop()
    delete parentElement.ringfenceGrid
  }
}
