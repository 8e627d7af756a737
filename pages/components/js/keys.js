// @ts-nocheck
// Which key does what, and the panel in which a person changes it.

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
}
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
}
const TAKEN = ["Tab", "Enter", "Escape", "Shift", "Control", "Alt", "Meta", "CapsLock", "Dead"]
const NAMES = { " ": "Space", Backspace: "⌫", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑" }
NAMES.ArrowDown = "↓"

export const nameOf = key => NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)
export const keyOf = event => (event.key.length === 1 ? event.key.toLowerCase() : event.key)

/** Whether a key press is meant for a text field, a button or a browser command, not for us. */
export function isElsewhere(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true
  const target = event.composedPath()[0]
  if (target?.closest?.("input, textarea, select, [contenteditable=true], [role=combobox]")) return true
  if ([" ", "Enter"].includes(event.key) && target?.closest?.("button, summary, [role=button]"))
    return true
  return document.querySelector('[role="dialog"], [data-baseweb="popover"]') !== null
}

/** Why a key cannot stand for an action, or null when it can. */
export function collision(keys, action, key) {
  if (TAKEN.includes(key)) return `${nameOf(key)} is used by the browser; choose another key.`
  const other = Object.keys(keys).find(name => name !== action && keys[name] === key)
  return other ? `${nameOf(key)} already means ${ACTIONS[other]}; choose another key.` : null
}
