// @ts-nocheck
// A presentation: everything is sent once, and the slider moves through it without the server. The
// same code draws the page and the file that is handed on; all words and figures come ready.

export class Story {
  constructor(root) {
    this.find = selector => root.querySelector(selector)
    this.tell = () => {} // told how cautious it stands when the slider is let go
    this.slider = this.find(".caution")
    this.slider.addEventListener("input", () => this.show(Number(this.slider.value)))
    this.slider.addEventListener("change", () => this.tell(this.data.opens - this.at))
    this.find(".full").addEventListener("click", () => this.fill())
    this.sketch = new Sketch(this.find(".map"))
  }

  take(data) {
    if (this.data?.key === data.key) return // a step that the browser has chosen is newer
    this.data = data
    for (const name of ["title", "guidelines", "model", "source", "fewer", "more"]) this.find(`.${name}`).textContent = data[name]
    this.find(".none").hidden = data.known
    this.find(".matrix").hidden = this.find(".five").hidden = !data.known
    this.slider.max = data.steps.length - 1
    this.slider.setAttribute("aria-label", `${data.fewer}, or ${data.more}`)
    this.sketch.take(data)
    const at = data.opens - data.caution
    this.show(Math.min(Math.max(at, 0), data.steps.length - 1))
  }

  show(at) {
    this.at = at
    const step = this.data.steps[at]
    this.slider.value = at
    this.slider.setAttribute("aria-valuetext", step.said.map(whole).join(" "))
    this.find(".said").replaceChildren(...step.said.map(spoken))
    this.find(".matrix").replaceChildren(...step.cells.map(cell => this.cell(cell)))
    this.find(".chapters").replaceChildren(...step.story.map(chapter => this.chapter(chapter)))
    this.find(".figures tbody").replaceChildren(...step.rows.map(row))
    this.find(".bars").replaceChildren(...step.bars.map(bar))
    this.find(".change").textContent = step.change
    this.find(".notes").replaceChildren(...step.notes.map(note => Object.assign(element("p", "", note), { dir: "auto" })))
    this.find(".sketch").textContent = step.sketch
    this.sketch.show(step)
  }

  cell({ name, meaning, count, share, items, alt, right }) {
    const made = element("div", right ? "cell" : "cell wrong")
    const head = element("h3", "")
    head.append(mark(right), `${name} `, element("small", "", meaning))
    const tiles = element("div", "tiles")
    tiles.append(...items.map(item => this.image(item, `${alt}, item ${item}`)))
    made.append(head, element("p", "count", count), element("p", "share", share), tiles)
    return made
  }

  chapter({ title, meaning, item, alt, right }) {
    const made = element("figure", "")
    const caption = element("figcaption", "")
    const head = element("b", "")
    head.append(mark(right), title)
    caption.append(head, meaning)
    made.append(this.image(item, `${alt}, item ${item}`), caption)
    return made
  }

  image(item, alt) {
    const made = element("img", "")
    Object.assign(made, { src: this.data.images[item], alt })
    return made
  }

  fill() {
    if (document.fullscreenElement) document.exitFullscreen()
    else this.find(".story").requestFullscreen()
  }
}

/** The pool round the center: distances are true, and what lies outside the line is flagged. */
class Sketch {
  constructor(canvas) {
    this.canvas = canvas
    const resized = new ResizeObserver(() => this.draw())
    const theme = matchMedia("(prefers-color-scheme: dark)")
    const redraw = () => requestAnimationFrame(() => this.draw())
    resized.observe(canvas)
    theme.addEventListener("change", redraw)
    this.stop = () => {
      resized.disconnect()
      theme.removeEventListener("change", redraw)
    }
  }

  take({ places, box }) {
    this.places = places
    this.box = box
    const [left, right, bottom, top] = box
    this.canvas.style.aspectRatio = Math.min(2, Math.max(0.8, (right - left) / (top - bottom || 1)))
  }

  show(step) {
    this.step = step
    this.canvas.setAttribute("aria-label", step.sketch)
    this.draw()
  }

  draw() {
    if (!this.step) return
    const ratio = devicePixelRatio || 1
    const { clientWidth: width, clientHeight: height } = this.canvas
    Object.assign(this.canvas, { width: width * ratio, height: height * ratio })
    const pen = this.canvas.getContext("2d")
    const style = getComputedStyle(this.canvas)
    const [left, right, bottom, top] = this.box
    const scale = Math.min((width - 16) / (right - left || 1), (height - 16) / (top - bottom || 1))
    const middle = [width / 2 - (scale * (left + right)) / 2, height / 2 + (scale * (bottom + top)) / 2]
    pen.setTransform(ratio, 0, 0, ratio, ...middle.map(place => place * ratio))
    const { outside, radius } = this.step
    pen.strokeStyle = pen.fillStyle = style.getPropertyValue("--quiet")
    for (const [x, y] of this.places.slice(outside)) dot(pen, x * scale, -y * scale)
    pen.strokeStyle = style.getPropertyValue("--wrong")
    pen.lineWidth = 1.6
    for (const [x, y] of this.places.slice(0, outside)) cross(pen, x * scale, -y * scale)
    pen.strokeStyle = pen.fillStyle = style.color
    pen.lineWidth = 2.5
    pen.setLineDash([9, 6])
    pen.beginPath()
    pen.arc(0, 0, radius * scale, 0, 7)
    pen.stroke()
    pen.setLineDash([])
    pen.font = `600 18px ${style.fontFamily}`
    pen.textAlign = "center"
    pen.fillText("+", 0, 6)
  }
}

function dot(pen, x, y) {
  pen.beginPath()
  pen.arc(x, y, 2, 0, 7)
  pen.fill()
}

function cross(pen, x, y) {
  pen.beginPath()
  pen.moveTo(x - 4, y - 4)
  pen.lineTo(x + 4, y + 4)
  pen.moveTo(x - 4, y + 4)
  pen.lineTo(x + 4, y - 4)
  pen.stroke()
}

function element(name, kind, text = "") {
  const made = document.createElement(name)
  if (kind) made.className = kind
  made.textContent = text
  return made
}

/** Right or wrong, told by a sign. */
function mark(right) {
  const made = element("span", "mark", right ? "✓ " : "✕ ")
  made.setAttribute("aria-hidden", "true")
  return made
}

const whole = ({ before, number, after }) => before + number + after

function spoken({ before, number, after }) {
  const made = element("p", "")
  made.append(before, element("b", "", number), after)
  return made
}

function row({ name, number, span }) {
  const made = element("tr", "")
  made.append(...[name, number, span].map(text => element("td", "", text)))
  return made
}

/** How many of 100 were missed, with its range. */
function bar({ name, value, low, high }) {
  const made = element("div", "bar")
  const track = element("div", "track")
  const [fill, whisker] = [element("div", "fill"), element("div", "whisker")]
  fill.style.width = `${100 * value}%`
  Object.assign(whisker.style, { left: `${100 * low}%`, width: `${100 * (high - low)}%` })
  track.append(fill, whisker)
  made.append(element("span", "", name), track)
  return made
}
