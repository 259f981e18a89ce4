/** A server leaves its place to the next one, and for a while the two are one to whoever publishes and to who is there. */
import { awaitPeer, joinPeer, removePeer } from '../server/peer.ts'
import type { RunningServer } from '../server/server.ts'
import { parentGone } from './lifeline.ts'
import type { Log } from './log.ts'

/** So long nobody is let in, for the two to know of each other first. */
const longestMeetingMs = 2000

type Meeting = Pick<RunningServer, 'membership'>

/**
 * On the side that leaves, once the parent has said that it becomes another program: stdin ends with that, and the parent
 * does not. Resolves when the parent, the process that was there at the start, has gone all the same.
 */
export async function outlive(server: Meeting, peerPath: string, parent: number, log: Log): Promise<void> {
  const gone = parentGone(parent, () => process.ppid, Bun.sleep)
  process.on('exit', () => removePeer(peerPath))
  await meet('leaving', server, peerPath, log)
  return gone
}

/** On the side that comes. */
export async function succeed(server: Meeting, peerPath: string, log: Log): Promise<void> {
  await meet('succeeding', server, peerPath, log)
  await server.membership.settled(longestMeetingMs, Bun.sleep)
}

const ways = { leaving: awaitPeer, succeeding: joinPeer }

/**
 * Servers that have a cluster already meet there. Without the other one, events reach the sockets of one server only: no
 * reason not to serve.
 */
async function meet(handOver: keyof typeof ways, { membership }: Meeting, path: string, log: Log): Promise<void> {
  if (membership.isMember) return
  try {
    // Nobody else knows the path.
    await membership.join({
      key: path,
      handOver,
      open: listener => ways[handOver](path, listener),
      onState() {},
      onLoss() {},
    })
  } catch (error) {
    log.warn('The server beside this one cannot be reached', { error: (error as Error).message })
  }
}
