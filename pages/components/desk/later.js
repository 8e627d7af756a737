// What may be drawn after the image that was asked for: once no key has come for a moment, and in the
// middle of a burst now and then. The slower the browser, the longer keys go before it.

const REST = 40 // ms without another word until it is drawn, or as many times as it took as LET says
const LET = 3
const PAUSE = 400 // ms after which it is drawn in the middle of a burst
const MOST = 1000
const IDLE = 100 // ms that it waits for a moment in which the browser has nothing else to do

/** What it asks of a browser.
 * @typedef {{now: () => number, idle: (then: () => void, most: number) => void}} Clock */

/** @type {Clock} */
const BROWSER = {
  now: () => performance.now(),
  idle: (then, most) => {
    if ("requestIdleCallback" in window) requestIdleCallback(then, { timeout: most })
    else setTimeout(then)
  },
}

export class Later {
  took = 0 // ms that it took last
  /** @type {number | null} */
  since = null // when what is not drawn yet was asked for first
  asked = 0

  /** @param {() => void} draw @param {Clock} clock */
  constructor(draw, clock = BROWSER) {
    this.draw = draw
    this.clock = clock
  }

  /** Draw soon. */
  ask() {
    const now = this.clock.now()
    this.since ??= now
    const rest = Math.max(REST, LET * this.took)
    const late = now - this.since > Math.min(Math.max(PAUSE, 2 * rest), MOST)
    this.stop()
    const { asked } = this
    this.timer = setTimeout(() => this.clock.idle(() => asked === this.asked && this.run(), IDLE), late ? 0 : Math.min(rest, PAUSE))
  }

  run() {
    this.since = null
    const began = this.clock.now()
    this.draw()
    this.took = this.clock.now() - began
  }

  stop() {
    clearTimeout(this.timer)
    this.asked += 1
  }
}
