// @ts-nocheck
// Small images as buttons; the server hears which one was opened.

const STEPS = { ArrowLeft: -1, ArrowRight: 1 }

function button({ item, label, picture }, open) {
  const made = document.createElement("button")
  made.type = "button"
  made.dataset.item = item
  made.setAttribute("aria-label", label)
  made.title = label
  const image = document.createElement("img")
  image.src = picture
  image.alt = ""
  made.append(image)
  made.addEventListener("click", () => open(item))
  made.addEventListener("keydown", event => {
    const step = STEPS[event.key]
    if (!step) return
    event.preventDefault()
    const to = step < 0 ? made.previousElementSibling : made.nextElementSibling
    to?.focus()
  })
  return made
}

export default function mountThumbnails({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".thumbnails")
  root.setAttribute("aria-label", data.name)
  const items = data.images.map(({ item }) => item).join()
  root.ringfenceOpen = item => setTriggerValue("opened", item)
  if (root.dataset.items !== items) {
    // Otherwise the buttons stay, and with them the focus.
    root.replaceChildren(...data.images.map(one => button(one, item => root.ringfenceOpen(item))))
    root.dataset.items = items
  }
  for (const one of root.children) {
    one.setAttribute("aria-pressed", String(Number(one.dataset.item) === data.chosen))
  }
}
