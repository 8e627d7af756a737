// The colours of what is said of an item, those of `pages/components/theme.py`; each has a shape as well.

/** @type {Record<string, string>} */
export const COLOURS = {
  normal: "#2f74d0",
  anomalous: "#e0700a",
  unsure: "#7c879b",
  unlabeled: "#93a0b4",
  proposed: "#16a085",
}
