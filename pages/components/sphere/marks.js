// Marks by shape, and as stamps: which pixels one covers, and how much of each.

import { offscreen } from "./canvas.js"

/** @typedef {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} Pen */
/** @typedef {{half: number, x: number[], y: number[], share: number[]}} Stamp its pixels as seen
 * from the middle, `half` at most away, and how much of each it covers: 0 to 256 */

const STROKE = 0.25 // half the width of thin lines, of the radius
const MITRE = STROKE * Math.SQRT2 // by which it reaches past a right angle

/** Paths of marks of radius 1. @satisfies {Record<string, (pen: Pen) => void>} */
export const SHAPES = {
  dot: pen => pen.arc(0, 0, 0.62, 0, 7),
  circle: pen => pen.arc(0, 0, 0.95, 0, 7),
  square: pen => pen.rect(-0.8, -0.8, 1.6, 1.6),
  diamond: pen => diamond(pen, 1.1),
  "diamond-open": pen => { diamond(pen, 1 + MITRE); diamond(pen, 1 - MITRE, -1) },
  "triangle-up": pen => polygon(pen, [[0, -1], [1, 0.8], [-1, 0.8]]),
  "triangle-down": pen => polygon(pen, [[0, 1], [1, -0.8], [-1, -0.8]]),
  cross: pen => plus(pen, 0),
  x: pen => plus(pen, Math.PI / 4),
  "x-thin": pen => plus(pen, Math.PI / 4, Math.SQRT2, STROKE),
  star: pen => rays(pen, 5, 0.42),
  hexagon: pen => rays(pen, 6, 0.86),
  pentagon: pen => rays(pen, 5, 0.8),
  ring: pen => { pen.arc(0, 0, 1, 0, 7); pen.arc(0, 0, 0.5, 7, 0, true) },
}

/** @param {Pen} pen @param {number[][]} corners */
function polygon(pen, corners) {
  corners.forEach(([x, y], at) => { at ? pen.lineTo(x, y) : pen.moveTo(x, y) })
  pen.closePath()
}

/** @param {Pen} pen @param {number} far @param {number} [way] round its middle */
function diamond(pen, far, way = 1) {
  polygon(pen, [[0, -far], [way * far, 0], [0, far], [-way * far, 0]])
}

/** @param {Pen} pen @param {number} turned @param {number} [long] @param {number} [half] its width */
function plus(pen, turned, long = 1.05, half = 0.3) {
  pen.rotate(turned)
  pen.rect(-long, -half, 2 * long, 2 * half)
  pen.rect(-half, -long, 2 * half, 2 * long)
}

/** @param {Pen} pen @param {number} many @param {number} inner */
function rays(pen, many, inner) {
  const corner = (/** @type {number} */ at, /** @type {number} */ far) => [
    far * Math.sin(at * Math.PI / many), -far * Math.cos(at * Math.PI / many),
  ]
  polygon(pen, Array.from({ length: 2 * many }, (_, at) => corner(at, at % 2 ? inner : 1.05)))
}

/** Fill a mark of a shape and radius around a place.
 * @param {Pen} pen @param {string} shape @param {number} x @param {number} y @param {number} radius */
export function fill(pen, shape, x, y, radius) {
  pen.translate(x, y)
  pen.scale(radius, radius)
  pen.beginPath()
  SHAPES[/** @type {keyof typeof SHAPES} */ (shape)](pen)
  pen.fill()
}

/** @type {Map<string, Stamp>} */
const stamps = new Map()

/** The stamp of a shape whose radius is so many pixels; each is made once.
 * @param {string} shape @param {number} radius */
export function stamp(shape, radius) {
  const key = `${shape} ${radius}`
  const made = stamps.get(key) ?? cut(shape, radius)
  stamps.set(key, made)
  return made
}

/** @param {string} shape @param {number} radius */
function cut(shape, radius) {
  const half = Math.ceil(radius * 1.4)
  const side = 2 * half + 1
  const pen = offscreen(side)
  fill(pen, shape, half + 0.5, half + 0.5, radius)
  const { data } = pen.getImageData(0, 0, side, side)
  /** @type {Stamp} */
  const covered = { half, x: [], y: [], share: [] }
  for (let at = 0; at < side * side; at++) {
    const share = data[4 * at + 3]
    if (share < 24) continue
    covered.x.push((at % side) - half)
    covered.y.push(Math.floor(at / side) - half)
    covered.share.push(share + (share >> 7))
  }
  return covered
}
