// Elements of a component's page.

/** Returns what finds an element that the page has, of the kind that it is.
 * @param {ParentNode} root
 * @returns {<Kind extends Element = HTMLElement>(selector: string, kind?: new () => Kind) => Kind} */
export const finder = root => (selector, kind) => {
  const found = root.querySelector(selector)
  if (!(found instanceof (kind ?? HTMLElement))) throw new Error(`The page has no ${selector}.`)
  return /** @type {any} */ (found)
}

/** Make an element with some properties and what is in it.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name @param {Partial<HTMLElementTagNameMap[Name]>} properties
 * @param {(Node | string)[]} inside */
export function make(name, properties = {}, ...inside) {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...inside)
  return made
}

/** Say what an element is to those who do not see it.
 * @param {Element} element @param {string} text */
export const name = (element, text) => element.setAttribute("aria-label", text)

/** What draws on a canvas.
 * @param {HTMLCanvasElement} canvas */
export const penOf = canvas => /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"))
