// The labeling desk: draws from what it has, moves on at once, and leaves the rest to the outbox.

import { Desk } from "../desk/desk.js"
import { isCommand, isTheirs, keyOf } from "../desk/keys.js"
import { Later } from "../desk/later.js"
import { Noting } from "../desk/noting.js"
import { write } from "../js/dom.js"
import { mounting } from "../js/mounting.js"
import { newId } from "../js/names.js"
import { number } from "../js/numbers.js"
import { ITS_OWN_KEYS, streamlit } from "../js/streamlit.js"
import { line, outbox } from "../js/tab.js"
import { Bindings } from "./bindings.js"
import { Lately } from "./lately.js"
import { KeyPanel } from "./panel.js"
import { Queue } from "./queue.js"
import { AHEAD, Screen } from "./screen.js"

/** @import { Delivery } from "../desk/desk.js" */
/** @import { Past } from "../desk/history.js" */
/** @import { Keys } from "../desk/keys.js" */
/** @import { Draft, Listener, Outcome } from "../js/outbox.js" */
/** @import { Asked, Ticket } from "./queue.js" */
/** @import { Shown } from "./screen.js" */

/** What is delivered to this desk: `flags` are the uuids of the person's own, by item.
 * @typedef {Delivery & Shown & {
 *   past_tickets: Ticket[], held: number | null, flags: Record<number, string[]>,
 * }} Data */

const PAGE = "label"
/** @type {Record<string, string>} */
const SAY = { normal: "normal", anomalous: "anomalous", unsure: "unsure", skip: "skipped" }
const LOW = 24 // items left in the queue when more are asked for
const FOLLOW = 1200 // ms between two looks at a training under way
const RENEW = 10_000 // ms between two signs of life
const LOOK = 250 // ms that an image is on screen before a click can answer it: no double clicks

/** @extends {Desk<Data>} */
class Labeller extends Desk {
  /** @param {HTMLElement} root */
  constructor(root) {
    super(root, PAGE, RENEW)
    this.queue = new Queue()
    this.screen = new Screen(root, this.album, {
      ticket: item => this.queue.waiting(item),
      saw: item => {
        this.screen.hints.point()
        this.sawPrediction ||= item === this.queue.current?.item
      },
      lack: () => this.refresh(),
      say: sentence => this.say(sentence),
    }, asked => this.painted(asked))
    this.album.loaded = this.screen.viewer.seen = () => this.delivered && this.render()
    this.bindings = new Bindings(keys => this.keepKeys(keys))
    this.panel = new KeyPanel(root, this.bindings)
    this.lately = new Lately(root, this.album, uuid => this.mend(uuid))
    this.on(window, "resize", () => this.screen.fit())
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-goto]"))) {
      button.addEventListener("click", () => streamlit.open(String(button.dataset.goto)))
    }
    this.later = new Later(() => this.renderRest()) // draws the rest of the desk
    this.saying = "" // of the last answer, to those who listen
    this.revealed = false // whether the model's view is told
    this.sawPrediction = false
    this.paintedAt = Infinity // no key counts for an image that nobody has seen
    /** @type {Noting<Asked>} */
    this.noting = new Noting(root, (asked, note) => this.flag(asked, note))
    this.refresh()
  }

  stop() {
    line.drop("keys")
    clearTimeout(this.following)
    this.later.stop()
    this.screen.sphere.stop()
    this.screen.viewer.stop()
    super.stop()
  }

  // -- what comes from the server ------------------------------------------------------------

  /** @param {Data} data @param {Data | null} known */
  deliver(data, known) {
    if (!known) this.screen.fit()
    this.screen.sphere.seen.of(data)
    const before = this.queue.current
    const lost = this.queue.take(data, this.history)
    if (this.queue.current !== before) this.show()
    if (lost !== null && (data.queue.length > 0 || data.left > 0)) {
      this.tell(`Item ${number(lost)} was assigned to someone else meanwhile; here is the next.`)
    }
    if (data.map) this.screen.sphere.move(data.map)
    for (const { item, xy } of data.queue) if (xy) this.screen.sphere.place(item, xy)
    this.bindings.take(data.keys)
    this.panel.draw()
    this.screen.drawGuide(data, this.history.open)
    this.drawTraining()
    this.render()
    if (this.queue.coming(AHEAD).some(item => !this.album.image(item))) this.follow()
  }

  refresh() {
    this.askedAt = performance.now()
    super.refresh()
  }

  view() {
    return {
      held: this.queue.current?.item ?? null,
      coming: this.queue.coming(AHEAD),
      images: this.album.items,
      map: this.screen.sphere.version ?? null,
      labels: this.screen.labels.seq,
      looked: this.screen.sphere.looked,
      beat: newId(),
    }
  }

  /** Ask again in a while: a model is being trained, or images are missing. */
  follow() {
    clearTimeout(this.following)
    this.following = setTimeout(() => this.refresh(), Math.max(FOLLOW, 2 * outbox.gap))
  }

  refreshSoon() {
    const pause = this.queue.ahead.length < 2 * AHEAD ? 300 : Math.max(1000, outbox.gap)
    if (performance.now() - (this.askedAt ?? -pause) > pause) this.refresh()
  }

  /** @param {Parameters<Listener>[0]} what @param {Outcome[]} told */
  hear(what, told) {
    super.hear(what, told)
    for (const { event, refusal } of told) {
      if (event.kind === "undo") {
        // A refused one is of an answer that was itself refused, and told of.
        if (!refusal) this.refreshSoon() // leases the item to this tab again
      } else if (refusal) {
        this.screen.sphere.label.delete(event.item)
        this.tell(`Item ${number(event.item)} was not counted. ${refusal.sentence}`)
        this.refresh()
      }
    }
    const { version, training } = outbox.heard ?? {}
    if (what === "settled" && version !== this.delivered?.version) this.refreshSoon()
    if (what === "settled" && training && this.delivered && !this.delivered.training) {
      this.delivered.training = "Learning from your answers ..."
      this.drawTraining()
    }
    if (what === "added") this.drawSent() // the rest follows the image
    else this.drawStatus()
  }

  // -- what the person does ------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  press(event) {
    if (this.bindings.capturing) {
      this.panel.press(event)
      if (event.key === "Escape") this.screen.closePanels()
      return
    }
    if (isCommand(event) || isTheirs(event) || streamlit.covered) return
    if (event.key === "Escape" && this.screen.closePanels()) return
    const action = this.delivered ? this.bindings.actionOf(event) : undefined
    if (!action && this.screen.zoomed && this.screen.viewer.press(event)) return event.preventDefault()
    if (!action && !ITS_OWN_KEYS.includes(keyOf(event))) return
    event.preventDefault()
    event.stopPropagation()
    if (action && !event.repeat) this.act(action, event.timeStamp)
  }

  /** @param {string} action @param {number} at */
  click(action, at) {
    if (!(action in SAY) || at >= this.paintedAt + LOOK) this.act(action, at)
  }

  /** Do what a key or button says that was pressed `at` ms after the page was opened.
   * @param {string} action @param {number} at */
  act(action, at) {
    if (action === "undo") this.undo()
    else if (action === "flag") this.flag()
    else if (action === "note") this.noting.open(this.queue.current)
    else if (action === "guide" || action === "keys") this.toggle(action)
    else if (action === "zoom") this.zoom()
    else if (action === "prediction") this.reveal()
    else if (action === "even") this.screen.sphere.toggle()
    else this.answer(action, at)
  }

  /** @param {string} said @param {number} at */
  answer(said, at) {
    const asked = this.queue.current
    if (!asked || !this.data.may_answer) return
    if (at < this.paintedAt) {
      this.tell("That key came before the image did, so it did not count; press it again.")
      return
    }
    const { item, repeat } = asked
    if (said !== "unsure" && said !== "skip" && !repeat && this.history.left <= 0) return
    const answer = said === "skip" ? null : said
    const kind = answer === null ? "skip" : repeat ? "repeat" : "answer"
    const pressed_at = (performance.timeOrigin + at) / 1000
    this.history.send([this.event(asked, { kind, answer, pressed_at })])
    if (kind === "answer") this.screen.mark(item, said)
    this.find(".banner").hidden = true
    this.screen.sphere.sphere.spare()
    this.queue.next()
    this.show()
    this.saying = `Item ${number(item)}: ${SAY[said]}. ${this.coming()}`
    this.render()
    if (this.queue.ahead.length < LOW) this.refreshSoon()
  }

  undo() {
    const { standing } = this.history
    const last = standing.at(-1)
    if (!last || !this.data.may_answer) {
      this.tell("There is nothing of yours to take back.")
      return
    }
    this.takeBack(standing.filter(({ uuid, batch }) => uuid === last.uuid || (batch && batch === last.batch)))
  }

  /** Take one of the last answers back, and ask for it again.
   * @param {string} uuid */
  mend(uuid) {
    const one = this.history.standing.filter(past => past.uuid === uuid)
    if (one.length > 0 && this.data.may_answer) this.takeBack(one)
  }

  /** Take answers back; the newest of them is asked again now.
   * @param {Past[]} together at least one, oldest first */
  takeBack(together) {
    this.screen.hints.undone = true
    const last = /** @type {Past} */ (together.at(-1))
    this.history.send(together.map(({ uuid, item }) => this.event({ item }, { kind: "undo", undoes: uuid })))
    for (const { item } of together) this.screen.sphere.label.delete(item)
    const known = this.queue.again(last.item, last.kind === "repeat")
    this.show()
    const others = together.length > 1 ? ` and ${together.length - 1} answered with it` : ""
    this.tell(`Took back ${last.said} for item ${number(last.item)}${others}; here it is again.`)
    this.render()
    if (!known || this.history.standing.length < 4) this.refresh()
  }

  /** Flag what is asked, or take the flag off; a note is kept with a flag.
   * @param {string | null} note */
  flag(asked = this.queue.current, note = null) {
    if (!asked || !this.data.may_answer) return
    const { item } = asked
    const flags = this.flagsOn(item)
    if (flags.length > 0 && note === null) {
      this.history.send(flags.map(undoes => this.event(asked, { kind: "undo", undoes })))
      this.say(`Took the flag off item ${number(item)}.`)
    } else {
      this.history.send([this.event(asked, { kind: "flag", note })])
      this.say(`Flagged item ${number(item)} for review.`)
      if (note) this.tell(`Saved your note on item ${number(item)}, and flagged it.`)
    }
    this.render()
  }

  /** The uuids of the person's flags on an item.
   * @param {number} item */
  flagsOn(item) {
    const { recent, undone } = this.history
    const mine = recent.filter(event => event.kind === "flag" && event.item === item)
    const all = new Set([...(this.data.flags[item] ?? []), ...mine.map(({ uuid }) => uuid)])
    return [...all].filter(uuid => !undone.has(uuid))
  }

  /** @param {string} name */
  toggle(name) {
    this.screen.toggle(name)
    this.screen.drawGuide(this.data, this.history.open)
  }

  zoom() {
    this.screen.zoom()
    this.render()
  }

  reveal() {
    this.revealed = !this.revealed
    this.sawPrediction ||= this.revealed
    this.find("[data-action=prediction]").setAttribute("aria-pressed", String(this.revealed))
    this.render()
  }

  /** @param {Pick<Asked, "item"> & Partial<Asked>} asked @param {Pick<Draft, "kind"> & Partial<Draft>} values */
  event(asked, values) {
    const seen = { shown_at: this.shownAt, prediction_shown: this.sawPrediction }
    return this.history.event(asked.item, asked, { ...seen, ...values })
  }

  /** @param {Keys | null} keys */
  keepKeys(keys) {
    line.say("keys", () => this.setState("keys", keys ?? {}), PAGE)
    this.render()
  }

  // -- what is on screen -----------------------------------------------------------------------

  /** Another item is asked, that nobody has seen yet. */
  show() {
    const { current } = this.queue
    this.sawPrediction = this.revealed || (current !== null && this.screen.sphere.seen.has(current.item))
    this.paintedAt = Infinity
  }

  /** @param {Asked} asked */
  painted(asked) {
    if (this.queue.current !== asked || this.paintedAt !== Infinity) return
    this.paintedAt = performance.now()
    this.shownAt = (performance.timeOrigin + this.paintedAt) / 1000
  }

  /** @param {string} sentence */
  say(sentence) {
    this.saying = ""
    super.say(sentence)
  }

  coming() {
    const { current } = this.queue
    const next = current ? `Next: item ${number(current.item)}.` : this.nothing()
    return `${next} ${number(this.history.left)} labels left.`
  }

  /** What is asked, as long as there is a label left for it. */
  get asked() {
    const { current } = this.queue
    return current && (this.history.left > 0 || current.repeat) ? current : null
  }

  render() {
    const { asked } = this
    const next = this.queue.coming(AHEAD)
    this.album.photos.want(asked ? [asked.item, ...next] : next)
    this.screen.draw(this.data, {
      asked,
      flagged: asked !== null && this.flagsOn(asked.item).length > 0,
      nothing: asked ? "" : this.nothing(),
      done: this.data.may_answer && this.history.left <= 0,
    })
    this.later.ask()
  }

  /** Draw what may wait until the image is painted, and until a burst of keys pauses. */
  renderRest() {
    const { standing } = this.history
    if (this.saying) this.say(this.saying)
    this.lately.drawLast(standing)
    this.drawStatus(standing)
    this.screen.drawRest(this.data, {
      asked: this.asked,
      ahead: this.queue.ahead,
      told: this.revealed,
      answers: standing.length,
      key: this.bindings.nameOf("prediction"),
    })
  }

  drawStatus(standing = this.history.standing) {
    if (!this.delivered) return
    write(this.find(".left"), this.leftText)
    this.lately.drawRound(this.data.round, standing)
    this.drawSent()
    this.drawOffline()
  }

  /** Say how many answers are on their way; never that all are saved while one is not. */
  drawSent() {
    write(this.find(".sent"), outbox.size ? `${outbox.size} on the way` : "all saved")
  }

  drawTraining() {
    this.screen.drawTraining(this.data)
    if (this.data.training) this.follow()
  }

  nothing() {
    if (!this.data.may_answer) return this.data.nothing
    if (this.history.left <= 0) {
      const key = this.bindings.nameOf("undo")
      return `All ${number(this.data.budget)} labels of this project are bought. What now? ${key} takes the last one back.`
    }
    return this.data.queue.length > 0 ? "More images are on their way ..." : this.data.nothing
  }
}

export default mounting(parent => new Labeller(/** @type {HTMLElement} */ (parent.querySelector(".desk"))))
