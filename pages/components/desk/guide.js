// The examples that go with the guidelines of a project: what is normal, and what is not.

import { make } from "../js/dom.js"

/** Where the files lie, by kind. @typedef {{normal?: string[], anomalous?: string[]}} Given */

/** Draw a row of examples of each kind; a click on one shows it large.
 * @param {HTMLElement} place @param {Given} given */
export function drawGiven(place, given) {
  const shown = JSON.stringify(given)
  if (place.dataset.shown === shown) return
  place.dataset.shown = shown
  const kinds = Object.entries(given).filter(([, addresses]) => addresses.length > 0)
  place.replaceChildren(...kinds.map(([kind, addresses]) => {
    const pictures = addresses.map((src, at) => {
      const picture = make("img", { src, loading: "lazy", alt: `Example ${at + 1} of ${kind}` })
      return make("a", { href: src, target: "_blank", rel: "noopener" }, picture)
    })
    return make("div", {}, make("p", {}, `Examples of ${kind}`), make("div", { className: "strip" }, ...pictures))
  }))
}
