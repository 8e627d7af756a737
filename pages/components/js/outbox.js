// @ts-nocheck
// Answers on their way to the store. An answer stays here, and in the browser's own storage, until
// the server has said what became of it; it is sent as often as that takes, and stored once.
// There is one outbox a tab; it outlives the components that are mounted on its pages.

const STORAGE = "ringfence.event."
const CLIENT = "ringfence.client"
const GAP = 300 // ms between two sendings, at least
const LONGEST_GAP = 4000
const PATIENCE = [3000, 6000, 12000] // ms before sending again what nothing was heard of

export class Outbox {
  /** Sends by the tab's line to the server. */
  constructor(line) {
    this.line = line
    this.client = ownClient()
    this.waiting = new Map() // uuid -> event, in the order they were given
    this.parked = new Set() // uuids of another data directory: kept, but not sent again
    this.listeners = new Set()
    this.send = null // a function of the payload, while a component is mounted that can send
    this.pending = null // {number, at} of the sending that may still be answered
    this.tries = 0
    this.gap = GAP
    this.heard = null // what the server said last; see the pump
    this.latencies = [] // ms from each answer to its outcome, for whoever measures
    this.recall()
    this.claimName()
    setInterval(() => this.flush(), 250)
    for (const wake of ["online", "pageshow", "focus"])
      window.addEventListener(wake, () => this.retry())
    window.addEventListener("pagehide", () => this.persist())
  }

  get size() {
    return this.waiting.size - this.parked.size
  }

  /** Whether the server can be reached, as far as the browser knows. */
  get connected() {
    const app = document.querySelector('[data-testid="stApp"]')
    const state = app?.dataset.testConnectionState
    return navigator.onLine && (state === undefined || state === "CONNECTED")
  }

  /** Take events in; from here on they are safe from a reload. */
  add(events) {
    for (const event of events) {
      this.last = event.queued = Math.max((this.last ?? 0) + 1, Date.now()) // the order to send in
      this.waiting.set(event.uuid, event)
      remember(event)
    }
    setTimeout(() => this.flush()) // the next image comes first
    this.tell("added")
  }

  /** Send what waits, unless a sending is under way that may still be answered. */
  flush() {
    const online = this.connected
    if (online !== this.wasConnected) {
      this.wasConnected = online
      if (online) this.pending = null
      this.tell("connection")
    }
    if (!this.send || !online || this.size === 0) return
    const now = performance.now()
    const patience = PATIENCE[Math.min(this.tries, PATIENCE.length - 1)]
    if (this.pending && now - this.pending.at < patience) return
    if (now - (this.sentAt ?? -LONGEST_GAP) < this.gap) return
    this.tries = this.pending ? this.tries + 1 : 0
    this.transmit()
  }

  transmit() {
    this.pending = { number: newId(), at: performance.now() }
    this.sentAt = this.pending.at
    const events = [...this.waiting.values()].filter(event => !this.parked.has(event.uuid))
    const { number } = this.pending
    this.line.say("outbox", () => this.send?.({ number, events }))
  }

  /** Send again at once what has no outcome. */
  retry() {
    this.pending = null
    this.tries = 0
    this.flush()
  }

  /** Take note of what became of events; what is settled need not be kept any longer. */
  settle(answer) {
    if (!answer) return
    const { stored = {}, refused = {}, foreign = [] } = answer
    const told = []
    for (const uuid of foreign) this.parked.add(uuid)
    for (const [uuid, outcome] of [...Object.entries(stored), ...Object.entries(refused)]) {
      const event = this.waiting.get(uuid)
      if (!event) continue
      this.waiting.delete(uuid)
      forget(uuid)
      this.latencies.push(Date.now() - event.pressed_at * 1000)
      told.push({ event, seq: uuid in stored ? outcome : null, sentence: refused[uuid] ?? null })
    }
    if (answer.number === this.pending?.number) {
      const took = performance.now() - this.pending.at
      this.gap = Math.min(Math.max(GAP, 3 * took), LONGEST_GAP) // a slow browser has better to do
      this.pending = null
    }
    this.heard = answer
    this.tell("settled", told)
    // What was refused must not lie in the page's state, to be sent again after a restart.
    if (told.some(({ sentence }) => sentence) && this.size === 0) this.transmit()
    this.flush()
  }

  /** Take another name where a tab that this one was duplicated from still goes by it. */
  claimName() {
    const me = newId()
    const channel = new BroadcastChannel("ringfence.clients")
    channel.onmessage = ({ data: { what, client, from, to } }) => {
      if (client !== this.client || from === me) return
      if (what === "claim") channel.postMessage({ what: "taken", client, from: me, to: from })
      if (what === "taken" && to === me) {
        this.client = ownClient(true)
        this.tell("renamed")
      }
    }
    channel.postMessage({ what: "claim", client: this.client, from: me })
  }

  /** The events of one person at one project that have no outcome yet, oldest first. */
  waitingOf({ project, annotator }) {
    return [...this.waiting.values()].filter(
      event =>
        event.project === project.id &&
        event.created === project.created &&
        event.annotator === annotator.id,
    )
  }

  /** Find what an earlier page of this browser left behind. */
  recall() {
    for (const event of remembered().sort((a, b) => a.queued - b.queued)) {
      this.waiting.set(event.uuid, event)
    }
  }

  persist() {
    for (const event of this.waiting.values()) remember(event)
  }

  listen(listener) {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  tell(what, told = []) {
    for (const listener of this.listeners) listener(what, told)
  }
}

function remember(event) {
  try {
    localStorage.setItem(STORAGE + event.uuid, JSON.stringify(event))
  } catch {
    // Storage is full or forbidden: the answer is still in memory and on its way.
  }
}

function forget(uuid) {
  try {
    localStorage.removeItem(STORAGE + uuid)
  } catch {
    // Storage is forbidden: there is nothing to forget.
  }
}

/** The events in the browser's storage; what a full disk has cut off never counted. */
function remembered() {
  const events = []
  try {
    for (const key of Object.keys(localStorage).filter(name => name.startsWith(STORAGE))) {
      events.push(parsed(localStorage.getItem(key)) ?? forget(key.slice(STORAGE.length)))
    }
  } catch {
    // Storage is forbidden: nothing was left there.
  }
  return events.filter(Boolean)
}

function parsed(text) {
  try {
    const event = JSON.parse(text)
    return event?.uuid ? event : null
  } catch {
    return null
  }
}

/** The name of this tab, the same after a reload. */
function ownClient(fresh = false) {
  try {
    const client = (!fresh && sessionStorage.getItem(CLIENT)) || newId()
    sessionStorage.setItem(CLIENT, client)
    return client
  } catch {
    return newId()
  }
}

/** A random identity also where the page is not a secure context. */
function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map(byte => byte.toString(16).padStart(2, "0")).join("")
}

export const newId = () => crypto.randomUUID?.() ?? randomId()
