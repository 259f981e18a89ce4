/**
 * How a server lets go of its clients when it stops. Where another server takes them, they are sent there in waves, so that
 * they do not all arrive in the same moment. Where there is none, they are served until the end and then closed all at once:
 * until the next server listens, a client that comes back finds a closed port.
 */
import type { Traffic } from '../server/traffic.ts'

/** For publishers to hear that they should come by another connection, while there is still somebody to answer them. */
const leaveMs = 500
/**
 * Without a successor: for the connections of publishers to end with an answer. Of 240 publishers that published without a
 * pause, 240 had a request reset when they were cut at once, and 20 to 80 with this: what is not accepted yet is always reset.
 */
const lastAnswersMs = 100
/** Between two waves. */
const waveMs = 100
/** A small server need not take its time. */
const minPerWave = 100
/** How long requests that have begun, and clients that take their frames slowly, may hold the end up. */
const busyMs = 300
const lookMs = 5

type Drainable = Omit<Traffic, 'open'>
type Sleep = (ms: number) => Promise<unknown>

/**
 * Ends when every socket is gone; with a successor that takes `seconds` and a moment more at most.
 *
 * @param onMoved called with the number of sockets that were sent to a successor, while the connection with it is still open
 */
export async function drain(server: Drainable, seconds: number, sleep: Sleep, onMoved: (sockets: number) => void): Promise<void> {
  server.disableKeepAlive()
  if (server.hasSuccessor()) onMoved(await sendToSuccessor(server, seconds, sleep))
  else await sleep(lastAnswersMs)
  server.stopAccepting()
  for (let waitedMs = 0; waitedMs < busyMs && server.isBusy(); waitedMs += lookMs) await sleep(lookMs)
  await server.stop()
}

/**
 * Ends early when the successor stops too: then there is nobody to send the rest to.
 *
 * @returns how many sockets were sent to it
 */
async function sendToSuccessor(server: Drainable, seconds: number, sleep: Sleep): Promise<number> {
  if (seconds > 0) await sleep(leaveMs)
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
