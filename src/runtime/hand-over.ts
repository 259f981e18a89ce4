/** A server leaves its place to the next one, and for a while the two are one to whoever publishes and to who is there. */
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { awaitPeer, joinPeer } from '../server/peer.ts'
import type { RunningServer } from '../server/server.ts'
import { parentGone } from './lifeline.ts'
import type { Log } from './log.ts'

type Meeting = Pick<RunningServer, 'membership'>

/**
 * On the side that leaves, once the parent has said that it becomes another program: stdin ends with that, and the parent
 * does not. Resolves when the parent has gone all the same.
 */
export async function outlive(server: Meeting, peerPath: string, log: Log): Promise<void> {
  const gone = parentGone(() => process.ppid, Bun.sleep)
  process.on('exit', () => rmSync(dirname(peerPath), { recursive: true, force: true }))
  await meet(awaitPeer, server, peerPath, log)
  return gone
}

/** On the side that comes. */
export function succeed(server: Meeting, peerPath: string, log: Log): Promise<void> {
  return meet(joinPeer, server, peerPath, log)
}

/**
 * Servers that have a cluster already meet there. Without the other one, events reach the sockets of one server only: no
 * reason not to serve.
 */
async function meet(way: typeof joinPeer, { membership }: Meeting, path: string, log: Log): Promise<void> {
  if (membership.isMember) return
  try {
    // Nobody else knows the path.
    await membership.join({ key: path, open: listener => way(path, listener), onState: () => {} })
  } catch (error) {
    log.warn('The server beside this one cannot be reached', { error: (error as Error).message })
  }
}
