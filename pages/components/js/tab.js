// What there is once in a tab, whichever component comes first: its line to the server, its outbox.

import { Kept } from "./kept.js"
import { Line } from "./line.js"
import { claim, ownClient } from "./names.js"
import { Outbox } from "./outbox.js"
import { streamlit } from "./streamlit.js"

const now = () => performance.now()
/** @type {{ringfenceLine?: Line, ringfenceOutbox?: Outbox}} */
const tab = /** @type {any} */ (globalThis)

function newLine() {
  const made = new Line(streamlit, now)
  window.addEventListener("click", event => streamlit.followLogo(event) || made.click(event), true)
  window.addEventListener("popstate", () => made.travel())
  return made
}

function newOutbox() {
  const names = () => sessionStorage
  const made = new Outbox(ownClient(names), line, new Kept(() => localStorage), streamlit, now)
  setInterval(() => made.flush(), 250)
  for (const wake of ["online", "pageshow", "focus"]) window.addEventListener(wake, () => made.retry())
  window.addEventListener("pagehide", () => made.persist())
  claim(made, () => made.rename(ownClient(names, true)), new BroadcastChannel("ringfence.clients"))
  return made
}

export const line = (tab.ringfenceLine ??= newLine())
export const outbox = (tab.ringfenceOutbox ??= newOutbox())
