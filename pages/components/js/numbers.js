// Numbers as people read them.

const grouped = new Intl.NumberFormat("en-US")

/** A whole number in groups of three digits.
 * @param {number} value */
export const number = value => grouped.format(value)

/** So many of something, in the singular or the plural.
 * @param {number} many @param {string} what */
export const count = (many, what) => `${number(many)} ${what}${many === 1 ? "" : "s"}`

/** So many answers that are not in the store yet.
 * @param {number} many */
export const waiting = many => (many === 1 ? "1 answer waits" : `${number(many)} answers wait`)
