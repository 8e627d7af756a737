// What a tab remembers of marks that are no answers yet, and of how many were saved last, while another
// page is open, through a reload, and where Streamlit makes the grid anew.

/** @import { Told } from "../desk/history.js" */

/** What was on screen, how it was marked, and how many answers were saved before. @template Choice
 * @typedef {{choice: Choice, items: number[], marks: [number, string][], saved: number}} Marked */

/** @template Choice */
export class Memory {
  /** @param {() => Storage} storage which may be refused */
  constructor(storage) {
    this.storage = storage
  }

  /** Remember what a person has marked in a project; without marks and answers there is nothing to remember.
   * @param {Pick<Told, "project" | "annotator">} whose @param {Marked<Choice>} marked */
  keep(whose, marked) {
    try {
      if (marked.marks.length > 0 || marked.saved > 0) this.storage().setItem(nameOf(whose), JSON.stringify(marked))
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
