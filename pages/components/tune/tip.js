// @ts-nocheck
// A few words beside the pointer. They repeat what the keyboard gets from the slider, so that they are
// not read aloud.

export class Tip {
  constructor(parent) {
    this.parent = parent
    this.element = document.createElement("div")
    this.element.className = "tip"
    this.element.setAttribute("aria-hidden", "true")
    this.element.hidden = true
    parent.append(this.element)
  }

  /** Say lines at a place of the parent in CSS pixels, on the side where there is room. */
  show(x, y, lines) {
    this.element.replaceChildren(
      ...lines.map(words => {
        const one = document.createElement("div")
        one.textContent = words
        return one
      }),
    )
    this.element.hidden = false
    const left = x + 14 + this.element.offsetWidth > this.parent.clientWidth
    this.element.style.left = `${Math.max(0, left ? x - 14 - this.element.offsetWidth : x + 14)}px`
    this.element.style.top = `${Math.max(0, y - this.element.offsetHeight - 8)}px`
  }

  hide() {
    this.element.hidden = true
  }
}
