// @ts-nocheck
// A gallery of buttons, each an image above its reconstruction; the server hears which was opened.

import { number } from "../js/numbers.js"
import { line } from "../js/tab.js"

const WALKS = { ArrowLeft: -1, ArrowRight: 1 }

function exhibit({ item, note, picture }) {
  const made = document.createElement("button")
  made.type = "button"
  made.dataset.item = item
  made.setAttribute("aria-label", `Item ${number(item)}, ${note}; open it in the inspector`)
  const image = document.createElement("img")
  Object.assign(image, { src: picture, alt: "" })
  const small = document.createElement("small")
  small.textContent = note
  made.append(image, `item ${number(item)}`, document.createElement("br"), small)
  return made
}

export default function mountWall({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".wall")
  root.setAttribute("aria-label", data.name)
  const hung = JSON.stringify(data.exhibits.map(({ item, note }) => [item, note]))
  if (root.dataset.hung !== hung) {
    root.dataset.hung = hung // otherwise the buttons stay, and with them the focus
    root.replaceChildren(...data.exhibits.map(exhibit))
  }
  for (const one of root.children) one.setAttribute("aria-pressed", String(Number(one.dataset.item) === data.current))
  root.onclick = event => {
    const button = event.target.closest("button")
    if (button) line.say("wall", () => setTriggerValue("opened", Number(button.dataset.item)), "explore")
  }
  root.onkeydown = event => {
    const button = event.target.closest("button")
    if (!button || !WALKS[event.key]) return
    event.preventDefault()
    ;(WALKS[event.key] < 0 ? button.previousElementSibling : button.nextElementSibling)?.focus()
  }
}
