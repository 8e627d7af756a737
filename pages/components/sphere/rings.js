// The circles around the center, and what is written at them: the sphere, multiples of its radius, the
// line beyond which items are flagged, and the sphere of the version before.

/** @import { Places } from "./places.js" */
/** @import { Look } from "./sphere.js" */

const FAINT = 0.28 // of the ink: rings that say how far it is
const PAST = 0.55 // and the sphere that was
const WORDS = 0.8
const DIAGONAL = Math.SQRT1_2
const FLAGGED = "flagged beyond"
const TALL = 22 // CSS pixels that a name takes above its circle
const NEAR = 1.5 // CSS pixels within which two circles are one

/** Draw the rings at multiples of R, and the sphere before, below everything that is marked.
 * @param {CanvasRenderingContext2D} pen @param {Places} places @param {CSSStyleDeclaration} style
 * @param {number | null} line that is drawn instead of the sphere */
export function drawRings(pen, places, style, line) {
  const { radius, former, limit, scale, zoom } = places
  pen.font = `11px ${style.fontFamily}`
  const rings = scale.rings(zoom)
  for (const times of line === null ? rings : [1, ...rings]) {
    const away = places.away(times * radius)
    ring(pen, places, style, away, 1, FAINT)
    write(pen, places, style, times === 1 ? "R" : `${times} R`, away, -1)
  }
  if (limit !== null && line === null && !isR(places, limit)) {
    const away = places.away(limit)
    pen.setLineDash([8, 5])
    ring(pen, places, style, away, 1.5, WORDS)
    pen.setLineDash([])
    text(pen, style, FLAGGED, places.middle[0], places.middle[1] + away + 11, WORDS)
  }
  if (former === null || isR(places, former)) return
  const away = places.away(former)
  pen.setLineDash([3, 4])
  ring(pen, places, style, away, 1.5, PAST)
  pen.setLineDash([])
  write(pen, places, style, `R was ${former.toPrecision(3)}`, away, 1)
}

/** Draw the center, and the circle of the sphere or of a `line`, above all marks.
 * @param {CanvasRenderingContext2D} pen @param {Places} places @param {CSSStyleDeclaration} style
 * @param {Look} look @param {number | null} line */
export function drawSphere(pen, places, style, look, line) {
  const [x, y] = places.middle
  const away = places.away(line ?? places.radius)
  pen.setLineDash(look.dash)
  ring(pen, places, style, away, look.line)
  pen.setLineDash([])
  pen.font = `${look.cross} ${style.fontFamily}`
  text(pen, style, "+", x, y)
  const flagging = places.limit !== null && isR(places, places.limit) ? `, ${FLAGGED}` : ""
  if (look.named) text(pen, style, `R = ${places.radius.toPrecision(3)}${flagging}`, x, nameAt(places, y, away))
}

/** How high R is named: above its circle, or within where the line beyond is too near.
 * @param {Places} places @param {number} y @param {number} away */
function nameAt(places, y, away) {
  const beyond = places.limit === null ? 0 : places.away(places.limit) - away
  return beyond >= NEAR && beyond < TALL ? y - away + 12 : Math.max(10, y - away - 12)
}

/** Whether the circle of a distance is that of R, as far as one can see.
 * @param {Places} places @param {number} distance */
const isR = (places, distance) => Math.abs(places.away(distance) - places.away(places.radius)) < NEAR

/** @param {CanvasRenderingContext2D} pen @param {Places} places @param {CSSStyleDeclaration} style
 * @param {number} away @param {number} width @param {number} [strength] */
function ring(pen, { middle: [x, y] }, style, away, width, strength = 1) {
  pen.lineWidth = width
  pen.globalAlpha = strength
  pen.strokeStyle = style.color
  pen.beginPath()
  pen.arc(x, y, away, 0, 7)
  pen.stroke()
  pen.globalAlpha = 1
}

/** Write at a circle, up on the right (-1) or down on the left (1).
 * @param {CanvasRenderingContext2D} pen @param {Places} places @param {CSSStyleDeclaration} style
 * @param {string} words @param {number} away @param {1 | -1} way */
function write(pen, { middle: [x, y] }, style, words, away, way) {
  text(pen, style, words, x - way * DIAGONAL * away, y + way * DIAGONAL * away, WORDS)
}

/** Write around a place, legible where items are close.
 * @param {CanvasRenderingContext2D} pen @param {CSSStyleDeclaration} style @param {string} words
 * @param {number} x @param {number} y @param {number} [strength] */
export function text(pen, style, words, x, y, strength = 1) {
  pen.save()
  pen.textAlign = "center"
  pen.textBaseline = "middle"
  pen.lineWidth = 4
  pen.strokeStyle = style.backgroundColor
  pen.fillStyle = style.color
  pen.strokeText(words, x, y)
  pen.globalAlpha = strength
  pen.fillText(words, x, y)
  pen.restore()
}
