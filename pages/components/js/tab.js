// What there is once in a tab, whichever component comes first: its line to the server, its outbox.

import { Line } from "./line.js"
import { Outbox } from "./outbox.js"

/** @type {{ringfenceLine?: Line, ringfenceOutbox?: Outbox}} */
const tab = /** @type {any} */ (globalThis)

export const line = (tab.ringfenceLine ??= new Line())
export const outbox = (tab.ringfenceOutbox ??= new Outbox(line))
