// Sends the outbox to the server from whichever page is open, and says in the sidebar what waits.

export default function mountPump({ data, parentElement, setStateValue }) {
  const line = parentElement.querySelector(".waiting")
  if (!parentElement.ringfencePump) {
    const redraw = () => {
      const many = outbox.size === 1 ? "1 answer waits" : `${outbox.size} answers wait`
      const late = outbox.size > 0 && !outbox.connected
      line.textContent = late ? `No connection; ${many} in this browser.` : ""
    }
    parentElement.ringfencePump = { stop: outbox.listen(redraw), redraw }
  }
  outbox.send = payload => setStateValue("outbox", payload)
  outbox.settle(data.answer)
  parentElement.ringfencePump.redraw()
  outbox.flush()
  return () => {
    parentElement.ringfencePump?.stop()
    delete parentElement.ringfencePump
    outbox.send = null
  }
}
