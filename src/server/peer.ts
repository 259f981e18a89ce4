/**
 * The server beside this one during a hand-over. What the application or a client says on a channel goes to the sockets
 * of both: until the last one has moved, the two are one server to whoever publishes. They talk over a Unix socket that
 * only they know, one JSON line for each event.
 */
import { rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'

/** An event for the subscribers of a topic. */
export type Relayed = { readonly topic: string; readonly frame: string; readonly exceptSocketId: string | undefined }

export type Peer = { readonly relay: (event: Relayed) => void }

export type PeerOptions = {
  /** In a folder of its own, which nobody else may read. */
  readonly path: string
  /** There is one now, or, with undefined, no more. */
  readonly onPeer: (peer: Peer | undefined) => void
  readonly onEvent: (event: Relayed) => void
}

/** What may wait for a peer that does not read; what comes after it is lost to the peer's sockets. */
const maxQueuedBytes = 64 * 1024 * 1024

/** On the side that is about to leave. Resolves when the other one may come. */
export function awaitPeer(options: PeerOptions): Promise<void> {
  const server = createServer(socket => {
    server.close()
    talk(socket, options)
  })
  server.unref()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.path, resolve)
  })
}

/** On the side that comes. The folder has done its service then. */
export function joinPeer(options: PeerOptions): Promise<void> {
  const socket = connect(options.path)
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('connect', () => {
      rmSync(dirname(options.path), { recursive: true, force: true })
      talk(socket, options)
      resolve()
    })
  })
}

function talk(socket: Socket, { onPeer, onEvent }: PeerOptions): void {
  socket.unref()
  socket.on('error', () => {})
  socket.on('close', () => onPeer(undefined))
  createInterface({ input: socket }).on('line', line => {
    const [topic, frame, exceptSocketId] = JSON.parse(line) as [string, string, string | null]
    onEvent({ topic, frame, exceptSocketId: exceptSocketId ?? undefined })
  })
  onPeer({
    relay({ topic, frame, exceptSocketId }) {
      if (socket.writableLength <= maxQueuedBytes) socket.write(`${JSON.stringify([topic, frame, exceptSocketId ?? null])}\n`)
    },
  })
}
