// Names that nothing else has: of events, of what is sent, and of this tab.

const CLIENT = "ringfence.client"

/** A random name, also where the page is not a secure context. */
export const newId = () => crypto.randomUUID?.() ?? randomId()

function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map(byte => byte.toString(16).padStart(2, "0")).join("")
}

/** The name of this tab, the same after a reload.
 * @param {() => Storage} storage which may be refused @param {boolean} fresh */
export function ownClient(storage, fresh = false) {
  try {
    const client = (!fresh && storage().getItem(CLIENT)) || newId()
    storage().setItem(CLIENT, client)
    return client
  } catch {
    return newId()
  }
}

/** Have the tab renamed where one that it was duplicated from still goes by its name.
 * @param {{client: string}} tab @param {() => void} rename @param {BroadcastChannel} channel */
export function claim(tab, rename, channel) {
  const me = newId()
  channel.onmessage = ({ data: { what, client, from, to } }) => {
    if (client !== tab.client || from === me) return
    if (what === "claim") channel.postMessage({ what: "taken", client, from: me, to: from })
    if (what === "taken" && to === me) rename()
  }
  channel.postMessage({ what: "claim", client: tab.client, from: me })
}
