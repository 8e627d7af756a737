// A ? behind a term: what it means is shown while it is pointed at or has the focus, and read aloud.

import { make, name } from "./dom.js"

/** @param {string} term @param {string} meaning */
export function question(term, meaning) {
  const said = make("span", { className: "meaning", ariaHidden: "true" }, meaning)
  const mark = make("button", { type: "button", className: "question" }, "?", said)
  name(mark, `${term}: ${meaning}`)
  return mark
}
