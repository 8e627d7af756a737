// The presentation as a page: where the slider comes to rest goes into the address.

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
  }

  stop() {
    super.stop()
    line.drop("present-caution")
  }
}

export default mounting(parent => new Page(parent))
