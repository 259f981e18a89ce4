/** A server leaves its place to the next one, and for a while the two are one to whoever publishes and to who is there. */
import type { Counters, Membership } from '../server/membership.ts'
import { awaitPeer, joinPeer, type PeerBackplane, type PeerListener, removePeer } from '../server/peer.ts'
import { parentGone } from './lifeline.ts'
import type { Log } from './log.ts'
import { reportLoss } from './scale.ts'

/** So long nobody is let in, for the two to know of each other first. */
const longestMeetingMs = 2000

/** For the connection of servers that exchange events over Redis: here they send only the number of moved sockets. */
const ignored: PeerListener = { onText() {}, onUp() {}, onDown() {}, onEnd() {} }

export class HandOver {
  private peer: PeerBackplane | undefined

  constructor(
    private readonly membership: Membership,
    private readonly log: Log,
  ) {}

  /**
   * On the side that leaves, once the parent has said that it becomes another program: stdin ends with that, and the parent
   * does not. Resolves when the parent, the process that was there at the start, has gone all the same.
   */
  async outlive(peerPath: string, parent: number): Promise<void> {
    const gone = parentGone(parent, () => process.ppid, Bun.sleep)
    process.on('exit', () => removePeer(peerPath))
    await this.meet('leaving', listener => awaitPeer(peerPath, listener), peerPath)
    return gone
  }

  /**
   * On the side that comes.
   *
   * @param onMoved called when the server that leaves has sent its last sockets here, with their number
   */
  async succeed(peerPath: string, onMoved: (sockets: number) => void): Promise<void> {
    await this.meet('succeeding', listener => joinPeer(peerPath, listener, onMoved), peerPath)
    await this.membership.settled(longestMeetingMs, Bun.sleep)
  }

  /** To the server that comes: so many sockets were sent to it, and there are no more. */
  reportMoved(sockets: number): void {
    this.peer?.reportMoved(sockets)
  }

  /**
   * Servers that have a cluster already meet there. Without the other one, events reach the sockets of one server only: no
   * reason not to serve.
   */
  private async meet(
    handOver: 'leaving' | 'succeeding',
    connect: (listener: PeerListener) => Promise<PeerBackplane>,
    path: string,
  ) {
    const { membership } = this
    const isClustered = membership.isMember
    const open = async (listener: PeerListener) => {
      this.peer = await connect(listener)
      return this.peer
    }
    try {
      if (isClustered) await open(ignored)
      // Nobody else knows the path.
      else {
        const onLoss = (counters: Counters) => reportLoss(this.log, counters)
        await membership.join({ key: path, handOver, open, onState() {}, onPace() {}, onLoss })
      }
    } catch (error) {
      // In a cluster nothing but the number of moved sockets is lost.
      if (!isClustered)
        this.log.warn('The server beside this one cannot be reached', { error: (error as Error).message }, 'peer-unreachable')
    }
  }
}
