// @ts-nocheck
// Marks as small masks, and a canvas that takes a hundred thousand of them in a few milliseconds: the
// pixels are written by hand, which is as quick without a graphics card.

export const SHAPES = {
  dot: pen => pen.arc(0, 0, 0.62, 0, 7),
  circle: pen => pen.arc(0, 0, 0.95, 0, 7),
  square: pen => pen.rect(-0.8, -0.8, 1.6, 1.6),
  diamond: pen => polygon(pen, [[0, -1.1], [1.1, 0], [0, 1.1], [-1.1, 0]]),
  "triangle-up": pen => polygon(pen, [[0, -1], [1, 0.8], [-1, 0.8]]),
  "triangle-down": pen => polygon(pen, [[0, 1], [1, -0.8], [-1, -0.8]]),
  cross: pen => plus(pen, 0),
  x: pen => plus(pen, Math.PI / 4),
  star: pen => rays(pen, 5, 0.42),
  hexagon: pen => rays(pen, 6, 0.86),
  pentagon: pen => rays(pen, 5, 0.8),
  ring: pen => { pen.arc(0, 0, 1, 0, 7); pen.arc(0, 0, 0.5, 7, 0, true) },
}

function polygon(pen, corners) {
  for (const [x, y] of corners) pen.lineTo(x, y) // the first begins the path
  pen.closePath()
}

function plus(pen, turned) {
  pen.rotate(turned)
  pen.rect(-1.05, -0.3, 2.1, 0.6)
  pen.rect(-0.3, -1.05, 0.6, 2.1)
}

function rays(pen, many, inner) {
  const corner = (at, far) => [far * Math.sin(at * Math.PI / many), -far * Math.cos(at * Math.PI / many)]
  polygon(pen, Array.from({ length: 2 * many }, (_, at) => corner(at, at % 2 ? inner : 1.05)))
}

/** Where a mark of this shape covers pixels around its middle, and how much of each (0 to 256). */
export function stamp(shape, radius) {
  const half = Math.ceil(radius * 1.2)
  const side = 2 * half + 1
  const pen = new OffscreenCanvas(side, side).getContext("2d")
  pen.translate(half + 0.5, half + 0.5)
  pen.scale(radius, radius)
  pen.beginPath()
  SHAPES[shape](pen)
  pen.fill()
  const { data } = pen.getImageData(0, 0, side, side)
  const covers = { x: [], y: [], share: [] }
  for (let at = 0; at < side * side; at++) {
    const share = data[4 * at + 3]
    if (share < 24) continue
    covers.x.push((at % side) - half)
    covers.y.push(Math.floor(at / side) - half)
    covers.share.push(share + (share >> 7))
  }
  return { half, ...covers }
}

export class Raster {
  constructor(canvas) {
    this.canvas = canvas
    this.pen = canvas.getContext("2d")
  }

  /** Make the canvas as large as it is shown; returns whether it is shown at all. */
  fit() {
    const ratio = devicePixelRatio || 1
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight].map(side => Math.round(side * ratio))
    if (!width || !height) return false
    if (this.canvas.width !== width || this.canvas.height !== height || !this.image) {
      Object.assign(this.canvas, { width, height })
      this.image = this.pen.createImageData(width, height)
      this.pixels = new Uint32Array(this.image.data.buffer)
    }
    Object.assign(this, { ratio, width, height })
    return true
  }

  clear(colour) {
    this.pixels.fill(packed(colour))
  }

  /** Lay a stamp of a colour over the pixels round a place, unless it would stick out. */
  mark({ half, x: dx, y: dy, share }, x, y, colour) {
    const { width, height, pixels } = this
    const left = Math.round(x)
    const top = Math.round(y)
    if (left < half || top < half || left >= width - half || top >= height - half) return
    const red = colour[0]
    const green = colour[1]
    const blue = colour[2]
    for (let at = 0; at < share.length; at++) {
      const place = (top + dy[at]) * width + left + dx[at]
      const under = pixels[place]
      const r = under & 255
      const g = (under >> 8) & 255
      const b = (under >> 16) & 255
      const part = share[at]
      pixels[place] =
        (255 << 24) |
        ((b + (((blue - b) * part) >> 8)) << 16) |
        ((g + (((green - g) * part) >> 8)) << 8) |
        (r + (((red - r) * part) >> 8))
    }
  }

  show() {
    this.pen.putImageData(this.image, 0, 0)
  }
}

const packed = ([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0

/** Red, green and blue of any colour that CSS knows. */
export function channels(colour) {
  const pen = new OffscreenCanvas(1, 1).getContext("2d")
  pen.fillStyle = colour
  pen.fillRect(0, 0, 1, 1)
  return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)]
}
