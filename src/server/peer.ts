/**
 * A backplane for two: the server beside this one during a hand-over, over a Unix socket that only they know. One line for
 * each text.
 */
import { rmdirSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { dirname } from 'node:path'
import type { Backplane, Listener } from '../cluster/backplane.ts'
import { LineCutter } from './lines.ts'

export type PeerListener = Listener
/** A backplane on which the server that leaves also reports how many sockets it has sent to the other one. */
export type PeerBackplane = Backplane & { readonly reportMoved: (sockets: number) => void }

/** How a report begins. A text of a node begins with its signature, in hexadecimal digits. */
const movedPrefix = 'moved '

/** On the side that is about to leave. Resolves when the other one may come. */
export function awaitPeer(path: string, listener: Listener): Promise<PeerBackplane> {
  const line = new Line(listener, () => {})
  const server = createServer(socket => {
    server.close()
    line.use(socket)
  })
  server.unref()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve(line))
  })
}

/**
 * On the side that comes. The folder of the socket has done its service then.
 *
 * @param onMoved called when the other server has sent its last sockets here, with their number
 */
export function joinPeer(path: string, listener: Listener, onMoved: (sockets: number) => void): Promise<PeerBackplane> {
  const socket = connect(path)
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('connect', () => {
      removePeer(path)
      const line = new Line(listener, onMoved)
      line.use(socket)
      resolve(line)
    })
  })
}

/** The socket and its folder, if there is nothing else in it. */
export function removePeer(path: string): void {
  for (const remove of [() => unlinkSync(path), () => rmdirSync(dirname(path))])
    try {
      remove()
    } catch {
      // Somebody else has, or it holds something else.
    }
}

class Line implements PeerBackplane {
  private socket: Socket | undefined
  private isClosed = false

  constructor(
    private readonly listener: Listener,
    private readonly onMoved: (sockets: number) => void,
  ) {}

  use(socket: Socket): void {
    this.socket = socket
    socket.unref()
    socket.on('error', () => {})
    socket.on('close', () => this.listener.onEnd())
    const cutter = new LineCutter()
    socket.on('data', piece => {
      for (const text of cutter.add(piece)) this.take(text)
    })
    // Whoever waits for this backplane has it in hand first.
    setImmediate(() => this.listener.onUp())
  }

  /** It comes back once the socket has taken it: what waits for a peer that does not read is bounded by the window of whoever sends. */
  send(text: string): void {
    if (this.isClosed) return
    this.socket?.write(`${text}\n`, error => {
      if (!error) this.listener.onText(text)
    })
  }

  reportMoved(sockets: number): void {
    this.socket?.write(`${movedPrefix}${sockets}\n`)
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.socket?.end()
  }

  private take(text: string): void {
    if (this.isClosed) return
    if (text.startsWith(movedPrefix)) this.onMoved(Number(text.slice(movedPrefix.length)))
    else this.listener.onText(text)
  }
}
