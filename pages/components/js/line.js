// @ts-nocheck
// What components have to tell the server, one after the other: Streamlit runs only one fragment for
// all that is said at once. A word names the page on screen at the moment Streamlit sends it, which is
// a little after it is said. Named after the next page was asked for, the old page would be drawn
// instead, or none. So nothing is said while a page is being left, and whoever leaves while a word is
// on its tongue waits until it is out.

const TURN = 60 // ms between two words to the server
const ARRIVAL = 250 // ms that no page needs less than to give way to the next
const LEAVING = 15000 // ms after which it never will
const TO_PAGE = '[data-testid="stSidebarNavLink"]'
const LINK = `${TO_PAGE}, [data-testid="stPageLink-NavLink"]`

export class Line {
  constructor() {
    this.words = new Map() // who speaks -> {say, page}
    this.speaking = false // between a word and its being sent
    this.waits = null // {page, link} that was asked for meanwhile
    this.leaving = null // {to, at}: the page asked for, and since when
    window.addEventListener("click", event => this.click(event), true)
    window.addEventListener("popstate", () => this.travel(pageOf(location)))
    const clicked = document.activeElement?.closest(LINK) // before this code was loaded
    if (clicked) this.leave(pageOf(clicked))
  }

  /** Say something soon, on one page only or on all; a newer word of the same speaker replaces it. */
  say(speaker, say, page = null) {
    this.words.set(speaker, { say, page })
    this.wake()
  }

  /** Speak next, unless somebody has just spoken. */
  wake() {
    if (this.words.size === 0) return
    clearTimeout(this.next)
    const since = performance.now() - (this.spokeAt ?? -TURN)
    this.next = setTimeout(() => this.speak(), Math.max(0, TURN - since))
  }

  click(event) {
    const link = linkAskedFor(event)
    if (!link) return
    const page = pageOf(link)
    if (this.speaking) {
      event.preventDefault()
      event.stopImmediatePropagation()
      this.waits = { page, link }
    } else this.leave(page)
  }

  /** The way through history cannot be made to wait; where a word is on the tongue it is gone twice. */
  travel(page) {
    if (this.speaking) this.waits = { page }
    this.leave(page)
  }

  leave(to) {
    if (to === (this.leaving?.to ?? pageOf(here()))) return
    this.leaving = { to, at: performance.now() }
  }

  /** Whether another page was asked for that is not there yet; what never comes is given up. */
  get between() {
    if (!this.leaving) return false
    const { to, at } = this.leaving
    const since = performance.now() - at
    if (since > LEAVING || (since > ARRIVAL && [location, here()].every(link => pageOf(link) === to))) {
      this.leaving = null
    }
    return this.leaving !== null
  }

  drop(speaker) {
    this.words.delete(speaker)
  }

  speak() {
    const ready = ({ page }) => !this.between && (page === null || page === pageOf(here()))
    const [speaker, word] = [...this.words].find(([, word]) => ready(word)) ?? []
    this.words.delete(speaker)
    this.spokeAt = performance.now()
    if (word) {
      this.speaking = true
      word.say() // Streamlit sends it in a timer of its own, before this one
      setTimeout(() => this.spoken())
    }
    this.wake()
  }

  spoken() {
    this.speaking = false
    const asked = this.waits
    this.waits = null
    if (asked) open(asked)
  }
}

/** The link to a page of the app that a click follows in this tab, if any. */
function linkAskedFor(event) {
  const elsewhere = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey
  const link = event.composedPath().find(node => node instanceof HTMLElement && node.matches(LINK))
  return elsewhere ? null : link
}

/** Follow the link itself while it is there: it may lead to more than a page. */
function open({ page, link }) {
  const links = [...document.querySelectorAll(TO_PAGE)]
  const way = link?.isConnected ? link : links.find(one => pageOf(one) === page)
  way?.click()
}

/** The page that Streamlit shows; the address may be ahead of it. */
const here = () => document.querySelector(`${TO_PAGE}[aria-current]`) ?? location

const pageOf = link => link.pathname.split("/").at(-1)
