/**
 * A backplane for two: the server beside this one during a hand-over, over a Unix socket that only they know. One line for
 * each text.
 */
import { rmdirSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { dirname } from 'node:path'
import type { Backplane, Listener } from '../cluster/backplane.ts'
import { LineCutter } from './lines.ts'

/** What may wait for a peer that does not read. What comes after it is lost; of what sockets and members there are, a snapshot makes up for it. */
const maxQueuedBytes = 64 * 1024 * 1024

/** On the side that is about to leave. Resolves when the other one may come. */
export function awaitPeer(path: string, listener: Listener): Promise<Backplane> {
  const line = new Line(listener)
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

/** On the side that comes. The folder of the socket has done its service then. */
export function joinPeer(path: string, listener: Listener): Promise<Backplane> {
  const socket = connect(path)
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('connect', () => {
      removePeer(path)
      const line = new Line(listener)
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

class Line implements Backplane {
  private socket: Socket | undefined

  constructor(private readonly listener: Listener) {}

  use(socket: Socket): void {
    this.socket = socket
    socket.unref()
    socket.on('error', () => {})
    socket.on('close', () => this.listener.onEnd())
    const cutter = new LineCutter()
    socket.on('data', piece => {
      for (const text of cutter.add(piece)) this.listener.onText(text)
    })
    // Whoever waits for this backplane has it in hand first.
    setImmediate(() => this.listener.onUp())
  }

  send(text: string): void {
    if (this.socket === undefined || this.socket.writableLength > maxQueuedBytes) return
    this.socket.write(`${text}\n`)
    queueMicrotask(() => this.listener.onText(text))
  }

  async close(): Promise<void> {
    this.socket?.end()
  }
}
