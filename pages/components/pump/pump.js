// @ts-nocheck
// Sends the outbox to the server from whichever page is open; shows the budget, and what waits.

import { number } from "../js/numbers.js"
import { outbox } from "../js/tab.js"

class Pump {
  constructor(root) {
    this.find = selector => root.querySelector(selector)
    this.refused = ""
    const still = outbox.listen((_, told) => this.hear(told))
    const timer = setInterval(() => this.address && writeAddress(this.address), 500)
    this.stop = () => {
      still()
      clearInterval(timer)
    }
  }

  /** Say what was refused where no desk is there to say it. */
  hear(told) {
    for (const { event, sentence } of told) {
      if (sentence && outbox.listeners.size === 1) {
        this.refused = `Item ${number(event.item)} was not counted. ${sentence}`
      }
    }
    this.redraw()
  }

  take({ answer, left, budget, address }) {
    outbox.settle(answer)
    this.address = address
    writeAddress(address)
    const bold = document.createElement("b")
    bold.textContent = number(left)
    this.find(".budget").replaceChildren(bold, ` of ${number(budget)} labels left`)
    this.find("progress").value = left / budget
    this.redraw()
  }

  redraw() {
    const many = outbox.size === 1 ? "1 answer waits" : `${outbox.size} answers wait`
    const late = outbox.size > 0 && !outbox.connected
    this.find(".waiting").textContent = late ? `No connection; ${many} in this browser.` : this.refused
  }
}

/** Say in the address which project this is and who answers, without an entry in the history. */
function writeAddress(address) {
  const url = new URL(location.href)
  for (const [name, value] of Object.entries(address)) url.searchParams.set(name, value)
  if (url.href !== location.href) history.replaceState(history.state, "", url)
}

export default function mountPump({ data, parentElement, setStateValue }) {
  const pump = (parentElement.ringfencePump ??= new Pump(parentElement))
  const send = payload => setStateValue("outbox", payload)
  outbox.send = pump.send = send
  if (data) pump.take(data)
  outbox.flush()
  return () => {
    pump.stop()
    delete parentElement.ringfencePump
    if (outbox.send === pump.send) outbox.send = null // else another has come up already
  }
}
