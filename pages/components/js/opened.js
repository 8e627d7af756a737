// An image that somebody opens in the inspector, which is brought into sight once it shows it.

export class Opened {
  /** @type {number | null} */
  asked = null // that the server has not opened yet
  /** @type {number | null} */
  chosen = null

  /** @param {() => void} show */
  constructor(show = () => document.querySelector(".st-key-inspector")?.scrollIntoView()) {
    this.show = show
  }

  /** @param {number} item */
  ask(item) {
    if (item === this.chosen) this.show()
    else this.asked = item
  }

  /** Hear what is in the inspector now. @param {number | null} chosen */
  take(chosen) {
    if (chosen === this.chosen) return
    if (chosen !== null && chosen === this.asked) this.show()
    this.asked = null
    this.chosen = chosen
  }
}
