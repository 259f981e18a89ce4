/**
 * A backplane of two nodes: a server and the one that takes over from it, over a Unix socket whose path only these two know. Each
 * message is a line.
 */
import { rmdirSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { dirname } from 'node:path'
import type { Backplane, BackplaneListener, Defer } from './backplane.ts'
import { LineSplitter } from './line-splitter.ts'

/** A backplane on which the server that hands over also reports how many sockets it has sent to the other one. */
export type HandOverBackplane = Backplane & { readonly reportMoved: (sockets: number) => void }

export type UnixSocketOptions = {
  readonly path: string
  readonly listener: BackplaneListener
  readonly defer: Defer
}

/** How a report begins. A message of a node begins with its signature, in hexadecimal digits. */
const movedPrefix = 'moved '

/** For the server that hands over. Resolves when the other one can connect. */
export function listenOnUnixSocket({ path, listener, defer }: UnixSocketOptions): Promise<HandOverBackplane> {
  const backplane = new UnixSocketBackplane(listener, defer, () => {})
  const server = createServer(socket => {
    server.close()
    backplane.use(socket)
  })
  server.unref()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve(backplane))
  })
}

/**
 * For the server that takes over. It removes the socket's file, which has served its purpose.
 *
 * @param onMoved called when the other server has sent its last sockets to this one, with their number
 */
export function connectToUnixSocket(
  { path, listener, defer }: UnixSocketOptions,
  onMoved: (sockets: number) => void,
): Promise<HandOverBackplane> {
  const socket = connect(path)
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('connect', () => {
      removeUnixSocket(path)
      const backplane = new UnixSocketBackplane(listener, defer, onMoved)
      backplane.use(socket)
      resolve(backplane)
    })
  })
}

/** Removes the socket, and its folder if there is nothing else in it. */
export function removeUnixSocket(path: string): void {
  for (const remove of [() => unlinkSync(path), () => rmdirSync(dirname(path))])
    try {
      remove()
    } catch {
      // The other server has removed it already, or the folder is not empty.
    }
}

class UnixSocketBackplane implements HandOverBackplane {
  private socket: Socket | undefined
  private isClosed = false

  constructor(
    private readonly listener: BackplaneListener,
    private readonly defer: Defer,
    private readonly onMoved: (sockets: number) => void,
  ) {}

  use(socket: Socket): void {
    this.socket = socket
    socket.unref()
    // Bun emits `close` after an error, too.
    socket.on('error', () => {})
    socket.on('close', () => this.listener.onClosed())
    const splitter = new LineSplitter()
    socket.on('data', piece => {
      for (const line of splitter.add(piece)) this.receive(line)
    })
    // Deferred, because a listener may send only once it has been given this backplane.
    this.defer(() => this.listener.onConnected())
  }

  /**
   * Gives the listener the message back once the socket has accepted it, as Redis would: so the publisher's window of
   * unacknowledged bytes bounds what waits for a peer that does not read.
   */
  send(text: string): void {
    if (this.isClosed) return
    this.socket?.write(`${text}\n`, error => {
      if (!error) this.listener.onMessage(text)
    })
  }

  reportMoved(sockets: number): void {
    this.socket?.write(`${movedPrefix}${sockets}\n`)
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.socket?.end()
  }

  private receive(line: string): void {
    if (this.isClosed) return
    if (line.startsWith(movedPrefix)) this.onMoved(Number(line.slice(movedPrefix.length)))
    else this.listener.onMessage(line)
  }
}
