// @ts-nocheck
// The labeling desk: draws from what it has, moves on at once, and leaves the rest to the outbox.

import { Album, difference, draw } from "../js/codec.js"
import { History } from "../js/history.js"
import { isElsewhere, keyOf } from "../js/keys.js"
import { number } from "../js/numbers.js"
import { newId } from "../js/outbox.js"
import { Sphere } from "../js/sphere.js"
import { line, outbox } from "../js/tab.js"
import { Aside, name, newCanvas } from "./aside.js"
import { Bindings } from "./bindings.js"

const PAGE = "" // the default page
const SAY = { normal: "normal", anomalous: "anomalous", unsure: "unsure", skip: "skipped", repeat: "answered" }
const AHEAD = 6 // images in the filmstrip
const LOW = 24 // items left in the queue when more are asked for
const FOLLOW = 1200 // ms between two looks at a training under way
const RENEW = 10_000 // ms between two signs of life, which renew the leases
const REST = 40 // ms without a key until the rest of the desk follows the image
const PAUSE = 400 // ms after which it follows in the middle of a burst
const LOOK = 250 // ms that an image is on screen before a click can answer it: no double clicks

class Desk {
  constructor(root, setStateValue) {
    this.root = root.querySelector(".desk")
    this.find = selector => this.root.querySelector(selector)
    this.setState = setStateValue
    this.album = new Album()
    this.sphere = new Sphere(this.find(".sphere"), MARKS)
    this.data = null
    this.queue = []
    this.current = null
    this.history = new History()
    this.bindings = new Bindings(this.root, keys => this.keepKeys(keys))
    this.aside = new Aside(this.root, this.album)
    this.tickets = new Map()
    this.revealed = false
    this.build()
    this.stops = [outbox.listen((what, told) => this.hear(what, told))]
    this.on(window, "keydown", event => this.press(event), true)
    this.on(document, "visibilitychange", () => this.refresh())
    const timer = setInterval(() => document.visibilityState === "visible" && this.refresh(), RENEW)
    this.stops.push(() => clearInterval(timer))
  }

  on(target, type, listener, capture = false) {
    target.addEventListener(type, listener, capture)
    this.stops.push(() => target.removeEventListener(type, listener, capture))
  }

  stop() {
    for (const speaker of ["desk", "keys"]) line.drop(speaker)
    this.sphere.stop()
    for (const timer of [this.following, this.soon]) clearTimeout(timer)
    for (const stop of this.stops) stop()
  }

  build() {
    for (const button of this.root.querySelectorAll("[data-action]")) {
      button.addEventListener("mousedown", event => event.preventDefault()) // Space stays ours
      button.addEventListener("click", event => this.click(button.dataset.action, event.timeStamp))
    }
    this.find(".noting").addEventListener("submit", event => this.keepNote(event))
    this.find(".note").addEventListener("keydown", event => {
      if (event.key === "Escape") this.toggleNote(false)
      event.stopPropagation()
    })
    for (const [what, sign] of Object.entries(SIGNS)) {
      const entry = this.find(".legend").appendChild(document.createElement("span"))
      const mark = entry.appendChild(document.createElement("i"))
      mark.textContent = sign
      mark.style.color = MARKS[what]
      entry.append(what)
    }
    for (let at = 0; at < AHEAD; at += 1) {
      const frame = this.find(".frames").appendChild(document.createElement("li"))
      frame.appendChild(newCanvas())
    }
  }

  // -- what comes from the server ------------------------------------------------------------

  take(data) {
    this.data = data
    this.album.add(data.images, data.shape)
    for (const ticket of [...data.past_tickets, ...data.queue]) this.tickets.set(ticket.item, ticket)
    this.history.take(data)
    const handled = new Set(this.history.open.map(({ item }) => item))
    this.queue = data.queue.filter(({ item }) => !handled.has(item))
    if (data.map) this.sphere.move(data.map)
    for (const { item, xy } of data.queue) this.sphere.place(item, xy)
    this.keepOrReplace()
    this.bindings.take(data.keys)
    this.drawGuide()
    this.drawTraining()
    this.render()
    if (this.lacksImages()) this.follow()
  }

  /** Leave what is on screen alone, unless it went to somebody else while nobody was here. */
  keepOrReplace() {
    const { data, current } = this
    const again = this.queue.findIndex(({ item }) => item === current?.item)
    if (again >= 0) this.queue.splice(again, 1)
    else if (current && data.held === current.item && !this.history.reopened(current.item)) {
      const taken = data.queue.length > 0 || data.left > 0
      this.current = null
      if (taken) this.tell(`Item ${number(current.item)} went to another desk meanwhile; here is the next.`)
    }
    if (!this.current) this.show(this.queue.shift() ?? null)
  }

  lacksImages() {
    return this.queue.slice(0, AHEAD).some(({ item }) => !this.album.image(item))
  }

  /** Ask for a new handout: proposals, images that are missing, and leases for a while longer. */
  refresh() {
    this.askedAt = performance.now()
    line.say("desk", () => this.report(), PAGE)
  }

  report() {
    this.setState("view", {
      client: outbox.client,
      held: this.current?.item ?? null,
      coming: this.queue.slice(0, AHEAD).map(({ item }) => item),
      images: this.album.items,
      map: this.sphere.version ?? null,
      beat: newId(),
    })
  }

  /** Ask again in a while: a model is being trained, or images are missing. */
  follow() {
    clearTimeout(this.following)
    this.following = setTimeout(() => this.refresh(), Math.max(FOLLOW, 2 * outbox.gap))
  }

  refreshSoon() {
    const pause = this.queue.length < 2 * AHEAD ? 300 : Math.max(1000, outbox.gap)
    if (performance.now() - (this.askedAt ?? -pause) > pause) this.refresh()
  }

  hear(what, told) {
    if (what === "renamed") this.refresh()
    for (const outcome of told) {
      const { event, sentence } = outcome
      this.history.settle(outcome)
      if (event.kind === "undo") {
        // A refused one is of an answer that was itself refused, and told of.
        if (!sentence) this.refreshSoon() // leases the item to this tab again
      } else if (sentence) {
        this.sphere.label.delete(event.item)
        this.tell(`Item ${number(event.item)} was not counted. ${sentence}`)
        this.refresh()
      }
    }
    const { version, training } = outbox.heard ?? {}
    if (what === "settled" && version !== this.data?.version) this.refreshSoon()
    if (what === "settled" && training && this.data && !this.data.training) {
      this.data.training = "Learning from your answers ..."
      this.drawTraining()
    }
    this.drawStatus()
  }

  // -- what the person does ------------------------------------------------------------------

  press(event) {
    if (this.bindings.capturing) return this.bindings.capture(event)
    if (isElsewhere(event)) return
    const action = this.data ? this.bindings.actionOf(event) : undefined
    if (!action && !["r", "c"].includes(keyOf(event))) return // those two are Streamlit's own
    event.preventDefault()
    event.stopPropagation()
    if (action && !event.repeat) this.act(action, event.timeStamp)
  }

  click(action, at) {
    if (action in SAY && at < this.paintedAt + LOOK) return
    this.act(action, at)
  }

  /** Do what a key or button says that was pressed `at` ms after the page was opened. */
  act(action, at) {
    if (action === "undo") this.undo()
    else if (action === "flag") this.flag()
    else if (action === "note") this.toggleNote(true)
    else if (action === "guide" || action === "keys") this.toggle(action)
    else if (action === "zoom") this.zoom()
    else if (action === "prediction") this.reveal()
    else this.answer(action, at)
  }

  answer(said, at) {
    const ticket = this.current
    if (!ticket || !this.data.may_answer) return
    if (at < this.paintedAt) {
      return this.tell("That key came before the image did, so it did not count; press it again.")
    }
    if (said !== "unsure" && said !== "skip" && !ticket.repeat && this.history.left <= 0) return
    const answer = said === "skip" ? null : said
    const kind = answer === null ? "skip" : ticket.repeat ? "repeat" : "answer"
    const pressed_at = (performance.timeOrigin + at) / 1000
    const event = this.event(ticket, { kind, answer, pressed_at })
    this.history.send([event])
    if (kind === "answer") this.mark(ticket.item, said)
    this.find(".banner").hidden = true
    this.show(this.queue.shift() ?? null)
    this.say(`Item ${number(ticket.item)}: ${SAY[said]}. ${this.coming()}`)
    this.render()
    if (this.queue.length < LOW) this.refreshSoon()
  }

  undo() {
    const { standing } = this.history
    const last = standing.at(-1)
    if (!last || !this.data.may_answer) return this.tell("There is nothing of yours to take back.")
    const together = standing.filter(({ uuid, batch }) => uuid === last.uuid || (batch && batch === last.batch))
    const ticket = this.tickets.get(last.item)
    this.history.send(
      together.map(past => ({
        ...this.event({ item: past.item }, { kind: "undo" }),
        undoes: past.uuid,
      })),
    )
    for (const past of together) this.sphere.label.delete(past.item)
    if (this.current && this.current.item !== last.item) this.queue.unshift(this.current)
    const again = { strategy: null, reason: "its answer was taken back", repeat: last.kind === "repeat" }
    this.show({ ...(ticket ?? { item: last.item }), ...again })
    const others = together.length > 1 ? ` and ${together.length - 1} answered with it` : ""
    this.tell(`Took back ${last.said} for item ${number(last.item)}${others}; here it is again.`)
    this.render()
    if (!ticket || standing.length < 4) this.refresh()
  }

  flag(ticket = this.current, note = null) {
    if (!ticket || !this.data.may_answer) return
    const flags = this.flagsOn(ticket.item)
    if (flags.length > 0 && note === null) {
      this.history.send(flags.map(undoes => ({ ...this.event(ticket, { kind: "undo" }), undoes })))
      this.say(`Took the flag off item ${number(ticket.item)}.`)
    } else {
      this.history.send([this.event(ticket, { kind: "flag", note })])
      this.say(`Flagged item ${number(ticket.item)} for review.`)
      if (note) this.tell(`Kept your note on item ${number(ticket.item)}, and flagged it.`)
    }
    this.render()
  }

  /** The uuids of the person's flags on an item. */
  flagsOn(item) {
    const { recent, undone } = this.history
    const mine = recent.filter(event => event.kind === "flag" && event.item === item)
    const all = new Set([...(this.data.flags[item] ?? []), ...mine.map(({ uuid }) => uuid)])
    return [...all].filter(uuid => !undone.has(uuid))
  }

  keepNote(event) {
    event.preventDefault()
    const note = this.find(".note").value.trim()
    if (note) this.flag(this.noted, note)
    this.toggleNote(false)
  }

  /** Open the field for a note on what is on screen now, or close it and go back to the keys. */
  toggleNote(open) {
    this.noted = this.current
    this.find(".noting").hidden = !open || !this.current
    this.find(".note").value = ""
    const next = open ? ".note" : ".work"
    this.find(next).focus({ preventScroll: true })
  }

  toggle(name) {
    const panel = this.find(`.panel.${name}`)
    panel.hidden = !panel.hidden
    this.drawGuide()
    this.find(`[data-action=${name}]`).setAttribute("aria-expanded", String(!panel.hidden))
    if (!panel.hidden) panel.scrollIntoView({ block: "nearest" })
  }

  zoom() {
    this.root.dataset.zoomed = String(this.root.dataset.zoomed !== "true")
    this.find("[data-action=zoom]").setAttribute("aria-pressed", this.root.dataset.zoomed)
  }

  reveal() {
    this.revealed = !this.revealed
    this.sawPrediction ||= this.revealed
    this.find("[data-action=prediction]").setAttribute("aria-pressed", String(this.revealed))
    this.render()
  }

  event(ticket, values) {
    return this.history.event(ticket.item, ticket, {
      shown_at: this.shownAt,
      prediction_shown: Boolean(this.sawPrediction),
      ...values,
    })
  }

  // -- what is on screen -----------------------------------------------------------------------

  show(ticket) {
    this.current = ticket
    this.sawPrediction = this.revealed
    this.paintedAt = Infinity // no key counts for an image that nobody has seen
  }

  painted(ticket) {
    if (this.current !== ticket || this.paintedAt !== Infinity) return
    this.paintedAt = performance.now()
    this.shownAt = (performance.timeOrigin + this.paintedAt) / 1000
  }

  mark(item, said) {
    const y = { normal: 1, anomalous: -1 }[said]
    if (y) this.sphere.label.set(item, y)
  }

  coming() {
    const next = this.current ? `Next: item ${number(this.current.item)}.` : this.nothing()
    return `${next} ${number(this.history.left)} labels left.`
  }

  render() {
    const { current } = this
    const empty = !current || (this.history.left <= 0 && !current.repeat)
    this.root.dataset.empty = String(empty)
    this.find(".empty").textContent = empty ? this.nothing() : ""
    if (!empty) this.drawCard(current)
    const frames = this.root.querySelectorAll(".frames canvas")
    frames.forEach((canvas, at) => {
      const item = empty ? undefined : this.queue[at]?.item
      draw(canvas, this.album.image(item))
      name(canvas, item === undefined ? "" : `Then item ${item}`)
    })
    const always = ["guide", "keys", "zoom", "prediction"]
    for (const button of this.root.querySelectorAll("[data-action]")) {
      // Not `disabled`: that would take the focus away.
      const off = !this.data.may_answer || (empty && button.dataset.action !== "undo")
      button.setAttribute("aria-disabled", String(off && !always.includes(button.dataset.action)))
    }
    this.find(".left").textContent = this.leftText()
    this.renderSoon()
  }

  /** What may wait until the image is painted, and until a burst of keys pauses. */
  renderSoon() {
    clearTimeout(this.soon)
    const late = performance.now() - (this.waitingSince ??= performance.now()) > PAUSE
    this.soon = setTimeout(() => this.renderRest(), late ? 0 : REST)
  }

  renderRest() {
    this.waitingSince = undefined
    const ticket = this.root.dataset.empty === "true" ? null : this.current
    this.aside.drawWhy(ticket, this.data, this.revealed, this.bindings.nameOf("prediction"))
    this.drawStatus()
    this.sphere.proposed = this.queue.slice(0, this.data.batch_size).map(({ item }) => item)
    this.sphere.current = this.revealed && ticket ? ticket.item : null
    this.sphere.draw()
  }

  drawCard(ticket) {
    const image = this.album.image(ticket.item)
    const reconstruction = this.album.reconstruction(ticket.item)
    draw(this.find(".image"), image)
    if (image && this.paintedAt === Infinity) {
      requestAnimationFrame(() => this.painted(ticket)) // the frame that it is painted in
    }
    name(this.find(".image"), `Item ${ticket.item} of the pool`)
    draw(this.find(".reconstruction"), reconstruction)
    name(this.find(".reconstruction"), `Reconstruction of item ${ticket.item}`)
    draw(this.find(".difference"), image && reconstruction && difference(image, reconstruction))
    this.find(".name").textContent = `Item ${number(ticket.item)}`
    const flagged = this.flagsOn(ticket.item).length > 0
    this.find(".flagged").hidden = !flagged
    this.find("[data-action=flag]").setAttribute("aria-pressed", String(flagged))
  }

  drawStatus() {
    if (!this.data) return
    this.find(".left").textContent = this.leftText()
    const waiting = outbox.size
    this.find(".sent").textContent = waiting ? `${waiting} on the way` : "all kept"
    const down = !outbox.connected
    const answers = waiting === 1 ? "1 answer waits" : `${waiting} answers wait`
    this.find(".offline").hidden = !down
    this.find(".offline").textContent = down
      ? `No connection to Ringfence. You can go on: ${answers} in this browser and will be kept once it is back.`
      : ""
  }

  leftText = () => `${number(Math.max(0, this.history.left))} of ${number(this.data.budget)} labels left`

  drawTraining() {
    const { status, training, progress } = this.data
    this.find(".training").dataset.live = String(Boolean(training))
    this.find(".model").textContent = training ? `${training} ${status}` : status
    this.find("progress").value = progress
    if (training) this.follow()
  }

  drawGuide() {
    this.aside.drawGuide(this.data.guide)
    this.sphere.label = new Map(this.data.labels)
    for (const { item, kind, answer } of this.history.open) {
      if (kind === "answer") this.mark(item, answer)
    }
    const { labels, map_text: text } = this.data
    name(this.find(".sphere"), `${text} ${number(labels.length)} items have labels.`)
  }

  keepKeys(keys) {
    line.say("keys", () => this.setState("keys", keys ?? {}), PAGE)
    this.render()
  }

  nothing() {
    if (!this.data.may_answer) return this.data.nothing
    if (this.history.left <= 0) {
      const key = this.bindings.nameOf("undo")
      return `All ${number(this.data.budget)} labels are bought. See what they brought on Overview, or take the last one back with ${key}.`
    }
    return this.data.queue.length > 0 ? "More images are on their way ..." : this.data.nothing
  }

  tell(sentence) {
    const banner = this.find(".banner")
    banner.textContent = sentence
    banner.hidden = false
  }

  say(sentence) {
    this.find(".live").textContent = sentence
  }
}

const SIGNS = { normal: "●", anomalous: "✕", proposed: "◇", unlabeled: "·" }
const MARKS = { normal: "#2f74d0", anomalous: "#e0700a", unlabeled: "#93a0b4", proposed: "#16a085" }

export default function mountDesk({ data, parentElement, setStateValue }) {
  if (!parentElement.ringfenceDesk) {
    parentElement.ringfenceDesk = new Desk(parentElement, setStateValue)
    parentElement.ringfenceDesk.refresh()
  }
  const desk = parentElement.ringfenceDesk
  desk.setState = setStateValue
  if (data && data.client === outbox.client) desk.take(data)
  return () => {
    desk.stop()
    delete parentElement.ringfenceDesk
  }
}
