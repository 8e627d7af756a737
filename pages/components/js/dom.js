// Elements of a component's page.

/** Returns what finds an element that the page has, of the kind that it is; what was found and is still
 * there is not looked for again.
 * @param {ParentNode} root
 * @returns {<Kind extends Element = HTMLElement>(selector: string, kind?: new () => Kind) => Kind} */
export const finder = root => {
  /** @type {Map<string, Element>} */
  const known = new Map()
  return (selector, kind) => {
    const before = known.get(selector)
    const found = before?.isConnected ? before : root.querySelector(selector)
    if (!(found instanceof (kind ?? HTMLElement))) throw new Error(`The page has no ${selector}.`)
    known.set(selector, found)
    return /** @type {any} */ (found)
  }
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

/** Write a text, unless it stands there: a new one costs a layout.
 * @param {Element} element @param {string} text */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/** Say what an element is to those who do not see it.
 * @param {Element} element @param {string} text */
export const name = (element, text) => element.setAttribute("aria-label", text)

/** What draws on a canvas.
 * @param {HTMLCanvasElement} canvas */
export const penOf = canvas => /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"))
