// Which key does what, and how keys are called.

/** @typedef {Record<string, string>} Keys the key of each action */

/** What a person can do by key. @type {Keys} */
export const ACTIONS = {
  normal: "Normal",
  anomalous: "Anomalous",
  unsure: "Unsure",
  skip: "Skip",
  undo: "Undo",
  flag: "Flag",
  note: "Note",
  guide: "Guide",
  zoom: "Zoom",
  prediction: "Model's view",
  even: "Even scale",
}
/** @type {Keys} */
export const USUAL = {
  normal: "a",
  anomalous: "x",
  unsure: " ",
  skip: "s",
  undo: "Backspace",
  flag: "f",
  note: "n",
  guide: "h",
  zoom: "z",
  prediction: "p",
  even: "e",
}
const MODIFIERS = ["Shift", "Control", "Alt", "Meta"]
const TAKEN = ["Tab", "Enter", "Escape", ...MODIFIERS, "CapsLock", "Dead"]
/** @type {Keys} */
const NAMES = { " ": "Space", Backspace: "⌫", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" }
const FIELDS = "input, textarea, select, [contenteditable=true], [role=combobox]"
const SLIDES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"]
const BUTTONS = "button, summary, [role=button]"

/** @param {string} key */
export const nameOf = key => NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)

/** The key as a page has to know it, for those who use it by other means.
 * @param {string} key */
export const shortcutOf = key => (key === " " ? "Space" : key)

/** @param {{key: string}} event */
export const keyOf = ({ key }) => (key.length === 1 ? key.toLowerCase() : key)

/** @param {{key: string}} event */
export const isModifier = ({ key }) => MODIFIERS.includes(key)

/** The action that a key stands for, if any.
 * @param {Keys} keys @param {{key: string}} event */
export const actionOf = (keys, event) => Object.keys(keys).find(action => keys[action] === keyOf(event))

/** Whether a key press is a command to the browser, or part of a word that is being composed.
 * @param {KeyboardEvent} event */
export const isCommand = event => event.ctrlKey || event.metaKey || event.altKey || event.isComposing

/** Whether a key press is meant for the text field or button that it happens on.
 * @param {Pick<KeyboardEvent, "key" | "composedPath">} event */
export function isTheirs(event) {
  const target = /** @type {Partial<HTMLInputElement> | undefined} */ (event.composedPath()[0])
  if (target?.type === "range") return SLIDES.includes(event.key)
  const within = [" ", "Enter"].includes(event.key) ? `${FIELDS}, ${BUTTONS}` : FIELDS
  return Boolean(target?.closest?.(within))
}

/** Why a key cannot stand for an action, or null when it can.
 * @param {Keys} keys @param {string} action @param {string} key */
export function collision(keys, action, key) {
  if (TAKEN.includes(key)) return `${nameOf(key)} is used by the browser; choose another key.`
  const other = Object.keys(keys).find(name => name !== action && keys[name] === key)
  return other ? `${nameOf(key)} already means ${ACTIONS[other]}; choose another key.` : null
}
