// The items of a desk: the one that is asked, and those that come after it.

/** @import { History } from "../desk/history.js" */

/** Where a model puts an item.
 * @typedef {{
 *   version: number, score: number, distance: number, R: number, limit: number, flagged: boolean, xy: [number, number],
 * }} Placed */
/** An item to answer, and why it is asked; it is placed once there is a model.
 * @typedef {{
 *   item: number, reason: string, rank: number, normals: number[], anomalies: number[], repeat: boolean,
 * } & Partial<Placed>} Ticket */
/** One that is asked; of one that is here again, perhaps no more is known.
 * @typedef {Partial<Ticket> & Pick<Ticket, "item" | "reason" | "repeat"> & {again?: boolean}} Asked */

export class Queue {
  constructor() {
    /** @type {Asked | null} */
    this.current = null
    /** @type {Asked[]} */
    this.ahead = []
    /** @type {Map<number, Ticket>} */
    this.known = new Map() // by item
  }

  /**
   * Take a delivery, but leave what is asked alone, unless it went to somebody else while nobody was
   * here; returns the item that did. `held` is what the tab said it had on screen.
   * @param {{queue: Ticket[], past_tickets: Ticket[], held: number | null}} delivery
   * @param {Pick<History, "open" | "reopened">} history
   */
  take({ queue, past_tickets, held }, history) {
    for (const ticket of [...past_tickets, ...queue]) this.known.set(ticket.item, ticket)
    const handled = new Set(history.open.map(({ item }) => item))
    const asked = this.current?.item
    this.ahead = queue.filter(({ item }) => !handled.has(item) && item !== asked)
    const still = queue.some(({ item }) => item === asked && !handled.has(item))
    const lost = asked !== undefined && !still && held === asked && !history.reopened(asked)
    if (lost || !this.current) this.next()
    return lost ? asked : null
  }

  next() {
    this.current = this.ahead.shift() ?? null
  }

  /** Ask an item again whose answer was taken back; what is asked now comes after it.
   * @param {number} item @param {boolean} repeat @returns {boolean} whether all is known of it */
  again(item, repeat) {
    const ticket = this.known.get(item)
    if (this.current && this.current.item !== item) this.ahead.unshift(this.current)
    this.current = { ...(ticket ?? { item }), again: true, reason: "its answer was taken back", repeat }
    return ticket !== undefined
  }

  /** What is known of an item that is asked or comes, if it does.
   * @param {number} item */
  waiting(item) {
    const asked = this.current?.item === item || this.ahead.some(({ item: other }) => other === item)
    return asked ? this.known.get(item) : undefined
  }

  /** The next items that are shown small.
   * @param {number} many */
  coming(many) {
    return this.ahead.slice(0, many).map(({ item }) => item)
  }
}
