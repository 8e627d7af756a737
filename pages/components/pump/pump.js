// Sends the outbox to the server from whichever page is open; shows the budget, and what waits.

import { finder, make, write } from "../js/dom.js"
import { mounting, toNobody } from "../js/mounting.js"
import { number, waiting } from "../js/numbers.js"
import { streamlit } from "../js/streamlit.js"
import { outbox } from "../js/tab.js"

/** @import { Heard, Outcome, Send } from "../js/outbox.js" */

/** @typedef {Record<string, number>} Address which project this is and, where names are trusted, who answers */
/** @typedef {{answer: Heard, left: number, budget: number, annotator: number, address: Address}} Data */

class Pump {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.find = finder(root)
    this.setState = this.setTrigger = toNobody
    /** @type {Address} */
    this.address = {}
    this.annotator = 0
    this.refused = ""
    /** @type {Send} */
    this.send = payload => this.setState("outbox", payload)
    outbox.send = this.send
    const still = outbox.listen((_, told) => this.hear(told))
    const timer = setInterval(() => {
      streamlit.nameNavigation()
      writeAddress(this.address)
    }, 500)
    this.stop = () => {
      still()
      clearInterval(timer)
      if (outbox.send === this.send) outbox.send = null // else another has come up already
    }
  }

  /** Say what was refused where no desk is there to say it.
   * @param {Outcome[]} told */
  hear(told) {
    for (const { event, refusal } of told) {
      if (refusal && outbox.listeners.size === 1) {
        this.refused = `Item ${number(event.item)} was not counted. ${refusal.sentence}`
      }
    }
    this.redraw()
  }

  /** @param {Data} data */
  take({ answer, left, budget, annotator, address }) {
    outbox.settle(answer)
    if (this.annotator && annotator !== this.annotator) {
      outbox.unpark()
      if (!address.annotator) location.reload() // what is on screen was another person's
    }
    this.annotator = annotator
    this.address = address
    streamlit.nameNavigation()
    writeAddress(address)
    const bold = make("b", {}, number(left))
    this.find(".budget").replaceChildren(bold, ` of ${number(budget)} labels left`)
    this.find("progress", HTMLProgressElement).value = left / budget
    this.redraw()
  }

  redraw() {
    const late = outbox.size > 0 && !outbox.connected
    const sentence = `No connection; ${waiting(outbox.size)} in this browser.`
    const others = this.address.annotator ? 0 : outbox.parked.size
    const kept = others ? `${waiting(others)} in this browser until whoever gave them is back.` : ""
    write(this.find(".waiting"), late ? sentence : this.refused || kept)
  }
}

let written = "" // where the address said all that it should

/** Say in the address what it lacks, without an entry in the history: the page, the project, who answers.
 * @param {Address} address */
function writeAddress(address) {
  if (written === location.href + JSON.stringify(address)) return
  const url = new URL(location.href)
  const page = streamlit.address
  const nowhere = url.pathname.endsWith("/") // a click on the logo came before our scripts
  if (nowhere) url.pathname += page
  if (!address.annotator && address.project) url.searchParams.delete("annotator")
  for (const [name, value] of Object.entries(address)) url.searchParams.set(name, String(value))
  if (url.href !== location.href) history.replaceState(history.state, "", url)
  if (nowhere) streamlit.open(page)
  written = location.href + JSON.stringify(address)
}

export default mounting(parent => new Pump(parent))
