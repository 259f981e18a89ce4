/**
 * Drains a server before it stops. Where another server takes over its clients, they are closed in waves, so that they do not all
 * reconnect at the same moment. Where there is none, they are served until the end and then closed all at once: until the next server
 * listens, a client that reconnects finds a closed port.
 */
import type { Traffic } from '../server/traffic.ts'

/** How long publishers are answered with `Connection: close` before connections are no longer accepted, so that they open new ones. */
const lastRequestsMs = 500
/**
 * The same where no server takes over. Of 240 publishers that published without a pause, 240 had a request reset without this, and 20
 * to 80 with it: connections that are not accepted yet are always reset.
 */
const lastAnswersMs = 100
/** The time between two waves. */
const waveMs = 100
/** The smallest wave: a server with few clients drains at once. */
const minPerWave = 100
/** How long the server waits at most for requests to be answered, and for slow clients to take their frames. */
const busyMs = 300
const pollMs = 5

type Drainable = Omit<Traffic, 'open'>
type Sleep = (ms: number) => Promise<unknown>

/**
 * Resolves when every socket is closed. With a successor that takes two seconds more than `seconds` at most: half a second for
 * publishers, and the time in which the server waits for answers, and for its last events to reach the other nodes.
 *
 * @param onMoved called with the number of sockets that were sent to a successor, while the connection with it is still open
 */
export async function drain(server: Drainable, seconds: number, sleep: Sleep, onMoved: (sockets: number) => void): Promise<void> {
  server.disableKeepAlive()
  if (server.hasSuccessor()) onMoved(await sendToSuccessor(server, seconds, sleep))
  else await sleep(lastAnswersMs)
  server.stopAccepting()
  for (let waitedMs = 0; waitedMs < busyMs && server.isBusy(); waitedMs += pollMs) await sleep(pollMs)
  await server.stop()
}

/**
 * Resolves early where the successor stops as well: then no server takes the rest.
 *
 * @returns how many sockets were sent to the successor
 */
async function sendToSuccessor(server: Drainable, seconds: number, sleep: Sleep): Promise<number> {
  if (seconds > 0) await sleep(lastRequestsMs)
  const waves = Math.max(1, Math.floor((seconds * 1000) / waveMs))
  const perWave = Math.max(minPerWave, Math.ceil(server.openSockets() / waves))
  let moved = 0
  for (let wave = 0; wave < waves && server.hasSuccessor() && server.openSockets() > 0; wave++) {
    server.stopAccepting()
    moved += server.closeOldest(perWave)
    await sleep(waveMs)
  }
  return moved
}
