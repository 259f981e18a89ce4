/**
 * A restart in which one server hands over to the next: while both run they share events, presence members and counts, as a cluster
 * of two over a Unix socket.
 */
import type { BackplaneListener } from '../cluster/backplane.ts'
import {
  connectToUnixSocket,
  type HandOverBackplane,
  listenOnUnixSocket,
  removeUnixSocket,
  type UnixSocketOptions,
} from '../cluster/unix-socket.ts'
import type { Counters, HandOverRole, Membership } from '../server/membership.ts'
import type { Log } from './log.ts'
import { parentExit } from './parent-watch.ts'
import { logLoss } from './scale.ts'

/** How long clients of a new server wait at most, while it receives the state of the old one. */
const longestSyncMs = 2000
/** How long a server that stops waits at most until it has verified the server that takes over. */
const longestVerificationMs = 300

/** The listener of servers that exchange events over Redis: over the Unix socket they send the number of moved sockets alone. */
const ignore: BackplaneListener = { onMessage() {}, onConnected() {}, onDisconnected() {}, onClosed() {} }

export class HandOver {
  private backplane: HandOverBackplane | undefined

  constructor(
    private readonly membership: Membership,
    private readonly log: Log,
  ) {}

  /**
   * Waits for the server that takes over, once the parent has announced that it becomes another program: stdin ends with that, while
   * the parent's process does not. Resolves when that process has exited all the same.
   *
   * The server from which this one took over has exited by then. Where this one was stalled, it has not noticed that yet.
   */
  async handOver(socketPath: string, parentPid: number): Promise<void> {
    const exit = parentExit(parentPid, () => process.ppid, Bun.sleep)
    process.on('exit', () => removeUnixSocket(socketPath))
    void this.membership.waitUntilHandOverEnded(Bun.sleep).then(() => this.link('handing-over', listenOnUnixSocket, socketPath))
    return exit
  }

  /**
   * Connects with the server that hands over, and receives its state.
   *
   * @param onMoved called when that server has sent its last sockets here, with their number
   */
  async takeOver(socketPath: string, onMoved: (sockets: number) => void): Promise<void> {
    await this.link('taking-over', options => connectToUnixSocket(options, onMoved), socketPath)
    await this.membership.waitUntilSynced(longestSyncMs, Bun.sleep)
  }

  /**
   * Waits until this server has verified the one that takes over, and has its state. That one is ready as soon as it has the state of this
   * one, and its parent stops this one then: on a busy machine the signal is handled before the message on the socket that verifies it.
   * Without the wait this server would disconnect its clients as if no other one listened. Resolves at once where there is none.
   */
  async waitUntilVerified(): Promise<void> {
    if (this.membership.isHandOver) await this.membership.waitUntilSynced(longestVerificationMs, Bun.sleep)
  }

  /** Reports to the server that takes over how many sockets were sent to it, and that no more follow. */
  reportMoved(sockets: number): void {
    this.backplane?.reportMoved(sockets)
  }

  /** Servers of a cluster share their state over Redis already. A failure is logged: the server serves its own clients all the same. */
  private async link(
    handOver: HandOverRole,
    openSocket: (options: UnixSocketOptions) => Promise<HandOverBackplane>,
    socketPath: string,
  ) {
    const { membership } = this
    const isClustered = membership.isMember
    const connect = async (listener: BackplaneListener) => {
      this.backplane = await openSocket({ path: socketPath, listener, defer: setImmediate, sleep: Bun.sleep })
      return this.backplane
    }
    try {
      if (isClustered) await connect(ignore)
      else {
        const onLoss = (counters: Counters) => logLoss(this.log, counters)
        // The path is secret: its folder is readable for this user only.
        await membership.join({ key: socketPath, handOver, connect, onConnection() {}, onPace() {}, onLoss })
      }
    } catch (error) {
      // Servers of a cluster lose nothing but the number of moved sockets.
      if (!isClustered) this.log.warn(unreachable, { error: (error as Error).message }, 'peer-unreachable')
    }
  }
}

const unreachable =
  'The other server of this restart cannot be reached: until the old one has stopped, each delivers events to its own clients only'
