// @ts-nocheck
// The hypersphere beside the desk: distance from the middle is the true distance to the center.

const TOO_SLOW = 40 // ms between two frames
const TRAVEL = 600 // ms that points take to their places in a new model

export class Sphere {
  constructor(canvas, colours) {
    this.canvas = canvas
    this.colours = colours
    this.points = new Map() // item -> {x, y, fromX, fromY}
    this.label = new Map() // item -> 1 normal, -1 anomalous
    this.proposed = []
    this.current = null
    this.R = this.fromR = 1
    this.reach = this.fromReach = 1
    this.travelled = 1
    const redraw = () => this.draw()
    const resized = new ResizeObserver(redraw)
    const theme = matchMedia("(prefers-color-scheme: dark)")
    resized.observe(canvas)
    theme.addEventListener("change", redraw)
    this.stop = () => {
      resized.disconnect()
      theme.removeEventListener("change", redraw)
    }
  }

  /** Take the places that a new model gives the points; they move there. */
  move(map) {
    const items = new Uint32Array(buffer(map.items))
    const places = new Float32Array(buffer(map.places))
    const first = this.points.size === 0
    const before = this.points
    this.points = new Map()
    items.forEach((item, at) => {
      const [x, y] = [places[2 * at], places[2 * at + 1]]
      const old = before.get(item)
      this.points.set(item, { x, y, fromX: old?.x ?? x, fromY: old?.y ?? y })
    })
    ;[this.fromR, this.fromReach] = first ? [map.R, map.reach] : [this.R, this.reach]
    ;[this.R, this.reach] = [map.R, map.reach]
    this.version = map.version
    const still = first || matchMedia("(prefers-reduced-motion: reduce)").matches
    this.travelled = still ? 1 : 0
    if (still) this.draw()
    else this.travel(performance.now())
  }

  travel(since, before = since) {
    requestAnimationFrame(now => {
      const slow = now - before > TOO_SLOW // then be there at once: keys come first
      const share = slow ? 1 : Math.min(1, Math.max(0, (now - since) / TRAVEL))
      this.travelled = 1 - (1 - share) ** 3
      this.draw()
      if (share < 1) this.travel(since, now)
    })
  }

  /** The points without their marks; drawn anew only where they have moved. */
  layer(size, ratio, at) {
    const key = `${this.version} ${size} ${ratio} ${this.points.size}`
    if (this.layerKey !== key) {
      this.layerKey = key
      this.drawn = new OffscreenCanvas(Math.round(size * ratio), Math.round(size * ratio))
      const pen = this.drawn.getContext("2d")
      pen.scale(ratio, ratio)
      this.drawPoints(pen, at)
    }
    return this.drawn
  }

  drawPoints(pen, at) {
    pen.fillStyle = this.colours.unlabeled
    for (const point of this.points.values()) {
      const [x, y] = at(point)
      pen.fillRect(x - 1.3, y - 1.3, 2.6, 2.6)
    }
  }

  place(item, xy) {
    if (!this.points.has(item)) {
      this.points.set(item, { x: xy[0], y: xy[1], fromX: xy[0], fromY: xy[1] })
    }
  }

  draw() {
    const { canvas, colours } = this
    const ratio = devicePixelRatio || 1
    const size = canvas.clientWidth
    if (!size) return
    if (canvas.width !== Math.round(size * ratio)) {
      canvas.width = canvas.height = Math.round(size * ratio)
    }
    const pen = canvas.getContext("2d")
    pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    pen.clearRect(0, 0, size, size)
    const blend = (from, to) => from + (to - from) * this.travelled
    const scale = size / 2 / (1.06 * blend(this.fromReach, this.reach))
    const at = point => [
      size / 2 + scale * blend(point.fromX, point.x),
      size / 2 - scale * blend(point.fromY, point.y),
    ]
    const mark = (item, shape, colour, radius) => {
      const point = this.points.get(item)
      if (point) shape(pen, ...at(point), radius, colour)
    }
    if (this.travelled < 1) this.drawPoints(pen, at)
    else pen.drawImage(this.layer(size, ratio, at), 0, 0, size, size)
    for (const item of this.proposed) mark(item, diamond, colours.proposed, 4)
    for (const [item, y] of this.label) {
      mark(item, y > 0 ? dot : cross, y > 0 ? colours.normal : colours.anomalous, 4)
    }
    if (this.current !== null) mark(this.current, ring, colours.proposed, 9)
    const ink = getComputedStyle(canvas).color
    pen.strokeStyle = pen.fillStyle = ink
    pen.globalAlpha = 0.75
    pen.lineWidth = 1.5
    pen.beginPath()
    pen.arc(size / 2, size / 2, scale * blend(this.fromR, this.R), 0, 2 * Math.PI)
    pen.stroke()
    pen.font = `12px ${getComputedStyle(canvas).fontFamily}`
    pen.textAlign = "center"
    pen.fillText("+", size / 2, size / 2 + 4)
    const top = size / 2 - scale * blend(this.fromR, this.R) - 6
    const text = `R = ${this.R.toPrecision(3)}`
    pen.globalAlpha = 1
    pen.lineWidth = 4
    pen.strokeStyle = getComputedStyle(canvas).backgroundColor // legible where points are close
    pen.strokeText(text, size / 2, Math.max(12, top))
    pen.fillText(text, size / 2, Math.max(12, top))
    pen.globalAlpha = 1
  }
}

const buffer = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0)).buffer

function dot(pen, x, y, radius, colour) {
  pen.fillStyle = colour
  pen.beginPath()
  pen.arc(x, y, radius, 0, 2 * Math.PI)
  pen.fill()
}

function stroked(pen, colour, draw) {
  pen.strokeStyle = colour
  pen.lineWidth = 2
  pen.beginPath()
  draw()
  pen.stroke()
}

function cross(pen, x, y, radius, colour) {
  stroked(pen, colour, () => {
    pen.moveTo(x - radius, y - radius)
    pen.lineTo(x + radius, y + radius)
    pen.moveTo(x - radius, y + radius)
    pen.lineTo(x + radius, y - radius)
  })
}

function diamond(pen, x, y, radius, colour) {
  stroked(pen, colour, () => {
    pen.moveTo(x, y - radius)
    pen.lineTo(x + radius, y)
    pen.lineTo(x, y + radius)
    pen.lineTo(x - radius, y)
    pen.closePath()
  })
}

function ring(pen, x, y, radius, colour) {
  stroked(pen, colour, () => pen.arc(x, y, radius, 0, 2 * Math.PI))
}
