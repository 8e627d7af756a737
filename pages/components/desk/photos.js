// The image files that a person is shown where images are their own: fetched before they are asked.

/** Where the files of a project lie, and the key to them. @typedef {{at: string, key: string}} Where */

const MOST = 200 // files that are held, the newest
const PAUSE = 5_000 // ms until a file that did not come is asked for again

export class Photos {
  /** @param {() => void} loaded hears that a file has come, or cannot */
  constructor(loaded) {
    this.loaded = loaded
    /** @type {Where | null} */
    this.where = null
    /** @type {Map<number, HTMLImageElement>} */
    this.files = new Map()
    /** @type {Map<number, number>} */
    this.missed = new Map() // when files did not come
    /** @type {Map<number, string>} */
    this.names = new Map() // what the files are called where they came from
  }

  /** Take where the files lie; of another project, none is held.
   * @param {Where | null} where */
  take(where) {
    if (where?.at !== this.where?.at) for (const held of [this.files, this.names]) held.clear()
    this.where = where
  }

  /** Learn what files are called.
   * @param {Record<string, string>} names */
  call(names) {
    for (const [item, name] of Object.entries(names)) this.names.set(Number(item), name)
  }

  /** The address of a file: `small` fits a screen, `original` is as it was given.
   * @param {number} item @param {"small" | "original"} size */
  address(item, size) {
    if (!this.where) return ""
    return `${this.where.at}/${item}/${size}?key=${this.where.key}`
  }

  /** Fetch what may be shown soon, the first ones first.
   * @param {number[]} items */
  want(items) {
    if (!this.where) return
    for (const item of items) {
      if (this.files.has(item) || performance.now() < (this.missed.get(item) ?? -PAUSE) + PAUSE) continue
      const file = new Image()
      file.decoding = "async"
      file.onload = this.loaded
      file.onerror = () => this.miss(item)
      file.src = this.address(item, "small")
      this.files.set(item, file)
    }
    for (const item of this.files.keys()) {
      if (this.files.size <= MOST) break
      if (!items.includes(item)) this.files.delete(item)
    }
  }

  /** Show what the model sees until the file comes after all.
   * @param {number} item */
  miss(item) {
    this.files.delete(item)
    this.missed.set(item, performance.now())
    this.loaded()
  }

  /** The file of an item, once it is here.
   * @param {number | undefined} item */
  of(item) {
    const file = item === undefined ? undefined : this.files.get(item)
    return file?.complete && file.naturalWidth > 0 ? file : undefined
  }

  /** Whether an item is shown by its file, and that is still on its way.
   * @param {number} item */
  awaited(item) {
    return this.where !== null && !this.missed.has(item) && this.files.get(item)?.complete !== true
  }
}
