// What components have to tell the server, one after the other: Streamlit runs only one fragment for
// all that is said at once. A word names the page on screen at the moment Streamlit sends it, which is
// a little after it is said. Named after the next page was asked for, the old page would be drawn
// instead, or none. So nothing is said while a page is being left, and whoever leaves while a word is
// on its tongue waits until it is out.

import { pageOf } from "./streamlit.js"

/** @import { Link, streamlit } from "./streamlit.js" */

const TURN = 60 // ms between two words to the server
const ARRIVAL = 250 // ms that no page needs less than to give way to the next
const LEAVING = 15000 // ms after which it never will

export class Line {
  /** @param {Pick<typeof streamlit, "page" | "address" | "clicked" | "linkOf" | "open" | "afterSending">} site
   * @param {() => number} now in ms */
  constructor(site, now) {
    this.site = site
    this.now = now
    /** @type {Map<string, {say: () => void, page: string | null}>} */
    this.words = new Map() // by who speaks
    this.speaking = false // between a word and its being sent
    /** @type {{page: string, link?: Link} | null} */
    this.waits = null // what was asked for meanwhile
    /** @type {{to: string, at: number} | null} */
    this.leaving = null // the page asked for, and since when
    this.spokeAt = -TURN
    if (site.clicked) this.leave(pageOf(site.clicked)) // before this code was loaded
  }

  /** Say something soon, on one page only or on all; a newer word of the same speaker replaces it.
   * @param {string} speaker @param {() => void} say @param {string | null} page */
  say(speaker, say, page = null) {
    this.words.set(speaker, { say, page })
    this.wake()
  }

  /** Speak next, unless somebody has just spoken. */
  wake() {
    if (this.words.size === 0) return
    clearTimeout(this.next)
    this.next = setTimeout(() => this.speak(), Math.max(0, this.spokeAt + TURN - this.now()))
  }

  /** @param {MouseEvent} event */
  click(event) {
    const link = this.site.linkOf(event)
    if (!link) return
    const page = pageOf(link)
    if (this.speaking) {
      event.preventDefault()
      event.stopImmediatePropagation()
      this.waits = { page, link }
    } else this.leave(page)
  }

  /** The way through history cannot be made to wait; where a word is on the tongue it is gone twice. */
  travel() {
    const page = this.site.address
    if (this.speaking) this.waits = { page }
    this.leave(page)
  }

  /** @param {string} to */
  leave(to) {
    if (to !== (this.leaving?.to ?? this.site.page)) this.leaving = { to, at: this.now() }
  }

  /** Whether another page was asked for that is not there yet; what never comes is given up. */
  get between() {
    if (!this.leaving) return false
    const { to, at } = this.leaving
    const since = this.now() - at
    const there = this.site.address === to && this.site.page === to
    if (since > LEAVING || (since > ARRIVAL && there)) this.leaving = null
    return this.leaving !== null
  }

  /** @param {string} speaker */
  drop(speaker) {
    this.words.delete(speaker)
  }

  speak() {
    const { between } = this
    const found = [...this.words].find(([, { page }]) => !between && (page === null || page === this.site.page))
    this.spokeAt = this.now()
    if (found) {
      const [speaker, word] = found
      this.words.delete(speaker)
      this.speaking = true
      word.say()
      this.site.afterSending(() => this.spoken())
    }
    this.wake()
  }

  spoken() {
    this.speaking = false
    const asked = this.waits
    this.waits = null
    if (asked) this.site.open(asked.page, asked.link)
  }
}
