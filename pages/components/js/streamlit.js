// All that our scripts know of Streamlit's own page, which promises none of it. What our styles know of
// it stands in `pages/components/theme.py`. A newer Streamlit is let in once the tests have run with it.

const TO_PAGE = '[data-testid="stSidebarNavLink"]'
const LINK = `${TO_PAGE}, [data-testid="stPageLink-NavLink"]`
const NAVIGATION = '[data-testid="stSidebarNavItems"]'
const LOGO = '[data-testid="stLogoLink"]'
const OVERLAY = '[role="dialog"], [data-baseweb="popover"]'
const CONTROL = '[data-testid="stButtonGroup"]'

/** Keys that Streamlit listens to on the document: they rerun the app and clear its caches. */
export const ITS_OWN_KEYS = ["r", "c"]

/**
 * What Streamlit hands the script of a component; `Kept` is what the script keeps on its element.
 * @template Data
 * @template [Kept={}]
 * @typedef {{
 *   data: Data | null,
 *   parentElement: HTMLElement & Kept,
 *   setStateValue: Tell,
 *   setTriggerValue: Tell,
 * }} Mounted
 */
/** @typedef {(name: string, value: unknown) => void} Tell */
/** @typedef {HTMLAnchorElement} Link */

/** @type {HTMLElement | null} */
let app = null // once it was looked for

/** The page that is meant by an address without one. */
const FIRST = "label"

/** The page that an address or a link names.
 * @param {{pathname: string}} address */
export const pageOf = ({ pathname }) => pathname.slice(pathname.lastIndexOf("/") + 1) || FIRST

export const streamlit = {
  /** Whether the server can be reached, as far as the browser knows. */
  get connected() {
    if (!app?.isConnected) app = document.querySelector('[data-testid="stApp"]')
    const state = app?.dataset.testConnectionState
    return navigator.onLine && (state === undefined || state === "CONNECTED")
  },

  /** The page that is drawn. */
  get page() {
    return pageOf(/** @type {Link | null} */ (document.querySelector(`${TO_PAGE}[aria-current]`)) ?? location)
  },

  /** The page in the address, which may be ahead of what is drawn. */
  get address() {
    return pageOf(location)
  },

  /** The link to a page that was clicked last and has the focus still. */
  get clicked() {
    return /** @type {Link | null | undefined} */ (document.activeElement?.closest(LINK))
  },

  /** Whether something lies over the page that keys may be meant for. */
  get covered() {
    return document.querySelector(OVERLAY) !== null
  },

  /** How many CSS pixels lie above an element when the page is not scrolled.
   * @param {Element} element */
  above(element) {
    const scrolled = document.querySelector('[data-testid="stMain"]')?.scrollTop ?? 0
    return Math.max(0, Math.round(element.getBoundingClientRect().top + scrolled))
  },

  /** The link to a page that a click follows in this tab, if any.
   * @param {MouseEvent} event @returns {Link | undefined} */
  linkOf(event) {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return undefined
    const path = /** @type {Link[]} */ (event.composedPath())
    return path.find(node => node instanceof HTMLElement && node.matches(LINK))
  },

  /** Lead a click on the logo to the first page, as it would go to an address without one; whether it was one.
   * @param {MouseEvent} event */
  followLogo(event) {
    const logo = event.composedPath().some(node => node instanceof HTMLElement && node.matches(LOGO))
    if (logo) {
      event.stopImmediatePropagation()
      this.open(FIRST)
    }
    return logo
  },

  /** Follow a link while it is there, for it may lead to more than a page; else the one in the sidebar.
   * @param {string} page @param {Link} [link] */
  open(page, link) {
    /** @type {Link[]} */
    const links = [...document.querySelectorAll(/** @type {"a"} */ (TO_PAGE))]
    const way = link?.isConnected ? link : links.find(one => pageOf(one) === page)
    way?.click()
  },

  /** Let the navigation be links for whoever hears it: its lists hold their items in groups, as none may. */
  nameNavigation() {
    document.querySelector(`${NAVIGATION}:not([role=group])`)?.setAttribute("role", "group")
    for (const item of document.querySelectorAll(`${NAVIGATION} li:not([role=none])`)) item.setAttribute("role", "none")
  },

  /** Call when what was just said is sent: Streamlit does that in a timer of its own, before this one.
   * @param {() => void} then */
  afterSending: then => void setTimeout(then),

  /** Whether an element is, or is in, a control that keeps the focus after a click.
   * @param {Element | null} element */
  isControl: element => Boolean(element?.closest(CONTROL)),
}
