// How components are mounted: Streamlit calls one function, again at every change of its data.

/** @import { Mounted, Tell } from "./streamlit.js" */

/** Lives while its element does; `setState` and `setTrigger` tell the server.
 * @template Data
 * @typedef {{setState: Tell, setTrigger: Tell, take: (data: Data) => void, stop: () => void}} Component */

/** Nobody is told anything before a component is mounted. @type {Tell} */
export const toNobody = () => {}

/** The function for Streamlit; the component is kept on its element as `ringfence`.
 * @template Data
 * @param {(parent: HTMLElement) => Component<Data>} make
 * @returns {(mounted: Mounted<Data, {ringfence?: Component<Data>}>) => () => void} */
export const mounting = make => ({ data, parentElement, setStateValue, setTriggerValue }) => {
  const component = (parentElement.ringfence ??= make(parentElement))
  component.setState = setStateValue
  component.setTrigger = setTriggerValue
  if (data) component.take(data)
  return () => {
    component.stop()
    delete parentElement.ringfence
  }
}
