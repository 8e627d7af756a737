// Where the names of lines are written: each beside its own line, away from the others.

/** @typedef {{x: number, y: number, text: string}} Name its left edge and its top */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */

/** Of a name: pixels a letter is wide, the whole is high, from its top to its foot, and from its line:
 * above or below it, and beside it where it is steep. */
export const LETTERS = { wide: 6.2, high: 13, up: 10, off: 4, aside: 10 }
const ROOM = { left: 50, right: 300, top: 12, bottom: 176 } // of the chart
const ENOUGH = 60 // pixels from other lines, beyond which one place is as good as another

/** @param {string[]} names @param {number[][][]} lines x and y of their places @returns {Name[]} */
export function placed(names, lines) {
  /** @type {Box[]} */
  const taken = []
  return names.map((text, at) => {
    const wide = text.length * LETTERS.wide
    let best = { x: ROOM.left, y: ROOM.top, room: -Infinity }
    for (const [x, y] of lines[at]) {
      for (const [left, top] of beside(x, y, wide)) {
        const box = { left, top, right: left + wide, bottom: top + LETTERS.high }
        const room = roomOf(box, at, lines, taken)
        if (room > best.room) best = { x: left, y: top, room }
      }
    }
    taken.push({ left: best.x, top: best.y, right: best.x + wide, bottom: best.y + LETTERS.high })
    return { x: best.x, y: best.y, text }
  })
}

/** All around a place: above and below it, to its right and left, and between these.
 * @param {number} x @param {number} y @param {number} wide */
function beside(x, y, wide) {
  const { off, aside, high } = LETTERS
  const [above, below] = [y - off - high, y + off]
  const steep = [x + aside, x - aside - wide].map(left => [left, y - high / 2])
  return [...steep, ...[x - wide / 2, x + off, x - off - wide].flatMap(left => [[left, above], [left, below]])]
}

/** How far a box is from the other lines and from what is written; less than none where it lies on its
 * own line or beyond the chart. @param {Box} box @param {number} own @param {number[][][]} lines
 * @param {Box[]} taken */
function roomOf(box, own, lines, taken) {
  if (box.left < ROOM.left || box.right > ROOM.right || box.top < ROOM.top || box.bottom > ROOM.bottom) return -Infinity
  const from = (/** @type {number[][]} */ line) => Math.min(ENOUGH, ...line.map(([x, y]) => apart(box, x, x, y, y)))
  if (from(lines[own]) < LETTERS.off - 1) return -1
  const others = lines.filter((_, at) => at !== own).map(from)
  return Math.min(...others, ...taken.map(({ left, right, top, bottom }) => apart(box, left, right, top, bottom)), ENOUGH)
}

/** @param {Box} box @param {number} left @param {number} right @param {number} top @param {number} bottom */
function apart(box, left, right, top, bottom) {
  return Math.hypot(Math.max(0, left - box.right, box.left - right), Math.max(0, top - box.bottom, box.top - bottom))
}
