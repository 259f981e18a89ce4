/** Connections that open, subscribe, publish, leave and close, many at a time. */
import type { App } from 'revurb-bench/load/app.ts'
import { type Address, Client } from 'revurb-bench/load/client.ts'
import { textFrame } from 'revurb-bench/load/frames.ts'
import { signedQuery } from '../support/sign.ts'

/** Connections that are open at the same time. */
const concurrency = 64
/** Users and presence channels take turns, so that members join and leave while others are there. */
const users = 500
const rooms = 20

/** What one run of `churn` has done. */
export type Tally = { connections: number; published: number; refused: number }

/**
 * Opens and closes `count` connections.
 *
 * @param tally counts on while it runs; `refused` are connections and requests that failed, as a few do during a restart
 */
export async function churn(at: Address, app: App, count: number, tally: Tally): Promise<void> {
  let begun = 0
  const worker = async () => {
    while (begun < count) await once(at, app, begun++, tally)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}

async function once(at: Address, app: App, turn: number, tally: Tally): Promise<void> {
  const room = `presence-room-${turn % rooms}`
  try {
    const channels = ['news', `private-user-${turn % users}`, 'cache-latest', room]
    const client = await Client.subscribed({ at, channels, member: `user-${turn % users}` })
    client.send(textFrame(JSON.stringify({ event: 'client-typing', channel: room, data: { turn } })))
    if (turn % 10 === 0) await publish(at, app, turn, tally)
    if (turn % 2 === 0) client.send(textFrame(JSON.stringify({ event: 'pusher:unsubscribe', data: { channel: room } })))
    client.reset()
  } catch {
    tally.refused++
  }
  tally.connections++
}

async function publish({ host, port }: Address, app: App, turn: number, tally: Tally): Promise<void> {
  const path = `/apps/${app.id}/events`
  const body = JSON.stringify({ name: 'posted', channels: ['news', 'cache-latest'], data: JSON.stringify({ turn }) })
  const url = `http://${host}:${port}${path}?${signedQuery(app, { method: 'POST', path, body })}`
  // A connection of its own: those that fetch keeps would count among the descriptors of the server.
  const response = await fetch(url, { method: 'POST', body, headers: { 'Content-Type': 'application/json' }, keepalive: false })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  await response.text()
  tally.published++
}
