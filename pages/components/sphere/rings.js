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
const CLOSE = 6 // and within which two would look like a smudge
const OUTSIDE = 8 // from a circle to what is written beside it

/** Draw the rings at multiples of R, and the sphere before, below everything that is marked.
 * @param {CanvasRenderingContext2D} pen @param {Places} places @param {CSSStyleDeclaration} style
 * @param {number | null} line that is drawn instead of the sphere */
export function drawRings(pen, places, style, line) {
  const { radius, former, limit, scale, zoom, middle: [x, y] } = places
  pen.font = `11px ${style.fontFamily}`
  const rings = scale.rings(zoom)
  for (const times of line === null ? rings : [1, ...rings]) {
    const away = places.away(times * radius)
    ring(pen, places, style, away, 1, FAINT)
    text(pen, style, times === 1 ? "R" : `${times} R`, x + DIAGONAL * away, y - DIAGONAL * away, WORDS)
  }
  if (limit !== null && line === null && !isR(places, limit, CLOSE)) {
    const away = places.away(limit)
    pen.setLineDash([8, 5])
    ring(pen, places, style, away, 1.5, WORDS)
    pen.setLineDash([])
  }
  if (former === null || isR(places, former)) return
  const away = places.away(former)
  pen.setLineDash([3, 4])
  ring(pen, places, style, away, 1.5, PAST)
  pen.setLineDash([])
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
  if (look.named) text(pen, style, `R = ${places.radius.toPrecision(3)}`, x, nameAt(places, y, away))
  pen.font = `11px ${style.fontFamily}`
  if (line === null && places.limit !== null) {
    const beyond = places.away(places.limit)
    const below = isR(places, places.limit, CLOSE) ? Math.max(away, beyond) : beyond
    text(pen, style, flagging(places, places.limit), x, y + below + 11, WORDS)
  }
  writeFormer(pen, places, style)
}

/** How high R is named: above its circle, or within where the line beyond is too near.
 * @param {Places} places @param {number} y @param {number} away */
function nameAt(places, y, away) {
  const beyond = places.limit === null ? 0 : places.away(places.limit) - away
  return beyond >= CLOSE && beyond < TALL ? y - away + 12 : Math.max(10, y - away - 12)
}

/** What is said of the line that flags; also how far it is, where no circle of its own shows that.
 * @param {Places} places @param {number} limit */
export function flagging(places, limit) {
  const apart = isR(places, limit, CLOSE) && !isR(places, limit)
  return apart ? `${FLAGGED} ${(limit / places.radius).toPrecision(3)} R` : FLAGGED
}

/** Write what R was, beside both circles: on them a line would go through it.
 * @param {CanvasRenderingContext2D} pen @param {Places} places @param {CSSStyleDeclaration} style */
function writeFormer(pen, places, style) {
  const { former, radius, middle: [x, y] } = places
  if (former === null || isR(places, former)) return
  const by = DIAGONAL * (Math.max(places.away(former), places.away(radius)) + OUTSIDE)
  text(pen, style, `R was ${former.toPrecision(3)}`, x - by, y + by, WORDS, "right")
}

/** Whether the circle of a distance is that of R, as far as one can see.
 * @param {Places} places @param {number} distance @param {number} [within] CSS pixels */
const isR = (places, distance, within = NEAR) =>
  Math.abs(places.away(distance) - places.away(places.radius)) < within

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

/** Write around a place, legible where items are close.
 * @param {CanvasRenderingContext2D} pen @param {CSSStyleDeclaration} style @param {string} words
 * @param {number} x @param {number} y @param {number} [strength] @param {CanvasTextAlign} [align] */
export function text(pen, style, words, x, y, strength = 1, align = "center") {
  pen.save()
  pen.textAlign = align
  pen.lineJoin = "round"
  pen.textBaseline = "middle"
  pen.lineWidth = 4
  pen.strokeStyle = style.backgroundColor
  pen.fillStyle = style.color
  pen.strokeText(words, x, y)
  pen.globalAlpha = strength
  pen.fillText(words, x, y)
  pen.restore()
}
