// What a tab remembers of marks that are no answers yet, while another page is open and through a reload.

/** @import { Told } from "../desk/history.js" */

/** What was on screen, and how it was marked. @template Choice
 * @typedef {{choice: Choice, items: number[], marks: [number, string][]}} Marked */

/** @template Choice */
export class Memory {
  /** @param {() => Storage} storage which may be refused */
  constructor(storage) {
    this.storage = storage
  }

  /** Remember what a person has marked in a project; without marks there is nothing to remember.
   * @param {Pick<Told, "project" | "annotator">} whose @param {Marked<Choice>} marked */
  keep(whose, marked) {
    try {
      if (marked.marks.length > 0) this.storage().setItem(nameOf(whose), JSON.stringify(marked))
      else this.storage().removeItem(nameOf(whose))
    } catch {
      // Storage is full or forbidden: marks then last as long as the page.
    }
  }

  /** @param {Pick<Told, "project" | "annotator">} whose @returns {Marked<Choice> | null} */
  recall(whose) {
    try {
      return JSON.parse(this.storage().getItem(nameOf(whose)) ?? "null")
    } catch {
      return null
    }
  }
}

/** @param {Pick<Told, "project" | "annotator">} whose */
const nameOf = ({ project, annotator }) => `ringfence.marks.${project.id}.${project.created}.${annotator.id}`
