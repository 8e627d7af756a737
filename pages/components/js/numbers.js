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

/** A number to so many digits. @param {number} value @param {number} [many] */
export const digits = (value, many = 3) => Number(value.toPrecision(many)).toString()

/** @param {number} share */
export const percent = share => (Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "undefined")

/** @param {number} value @param {number} places after the point */
export const fixed = (value, places) =>
  Number.isFinite(value)
    ? value.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places })
    : "undefined"
