// The presentation as a page: where the slider comes to rest goes into the address, and its images open.

import { Story } from "../../../state/presentation/story.js"
import { mounting, toNobody } from "../js/mounting.js"
import { line } from "../js/tab.js"

class Page extends Story {
  setState = toNobody
  setTrigger = toNobody

  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(parent)
    this.tell = (/** @type {number} */ caution) => line.say("present-caution", () => this.setTrigger("caution", caution), "present")
    this.open = (/** @type {number} */ item) => {
      if (document.fullscreenElement) document.exitFullscreen() // the answer would lie behind it
      line.say("present-opened", () => this.setTrigger("opened", item), "present")
    }
  }

  stop() {
    super.stop()
    for (const speaker of ["present-caution", "present-opened"]) line.drop(speaker)
  }
}

export default mounting(parent => new Page(parent))
