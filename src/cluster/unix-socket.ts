/**
 * A backplane of two nodes: a server and the one that takes over from it, over a Unix socket whose path only these two know. Each message
 * is a line. Once the connection has ended the backplane is closed, and does not connect again.
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
  readonly sleep: (ms: number) => Promise<unknown>
}

/** How a report begins. A message of a node begins with its signature, in hexadecimal digits. */
const movedPrefix = 'moved '
const closeMs = 500

/** For the server that hands over. Resolves when the other one can connect. */
export function listenOnUnixSocket(options: UnixSocketOptions): Promise<HandOverBackplane> {
  const server = createServer()
  const backplane = new UnixSocketBackplane(options, {
    onMoved() {},
    stopListening: () => void server.close(),
  })
  server.once('connection', socket => {
    server.close()
    backplane.use(socket)
  })
  server.unref()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.path, () => resolve(backplane))
  })
}

/**
 * For the server that takes over. It removes the socket's file, which has served its purpose.
 *
 * @param onMoved called when the other server has sent its last sockets to this one, with their number
 */
export function connectToUnixSocket(options: UnixSocketOptions, onMoved: (sockets: number) => void): Promise<HandOverBackplane> {
  const socket = connect(options.path)
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('connect', () => {
      removeUnixSocket(options.path)
      const backplane = new UnixSocketBackplane(options, { onMoved, stopListening() {} })
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

/** What the two ends do differently. */
type Role = {
  readonly onMoved: (sockets: number) => void
  readonly stopListening: () => void
}

class UnixSocketBackplane implements HandOverBackplane {
  /** Defined from `onConnected` on, until `close` is called. */
  private connection: { readonly socket: Socket; readonly ended: Promise<void> } | undefined
  private isClosed = false

  constructor(
    private readonly options: UnixSocketOptions,
    private readonly role: Role,
  ) {}

  /** Deferred, because the listener hears nothing before the caller has this backplane. What arrives meanwhile stays unread. */
  use(socket: Socket): void {
    socket.unref()
    // Bun emits `close` after an error, too.
    socket.on('error', () => {})
    const ended = new Promise<void>(resolve => socket.once('close', () => resolve()))
    this.options.defer(() => {
      if (this.isClosed) socket.destroy()
      else this.begin(socket, ended)
    })
  }

  private begin(socket: Socket, ended: Promise<void>): void {
    this.connection = { socket, ended }
    this.call(listener => listener.onConnected())
    const splitter = new LineSplitter()
    socket.on('data', piece => {
      for (const line of splitter.add(piece)) this.receive(line)
    })
    void ended.then(() => this.call(listener => listener.onClosed()))
  }

  /**
   * Gives the listener the message back once the socket has accepted it, as Redis would: so the publisher's window of
   * unacknowledged bytes bounds what waits for a server that does not read.
   */
  send(text: string): void {
    this.connection?.socket.write(`${text}\n`, error => {
      if (!error) this.call(listener => listener.onMessage(text))
    })
  }

  reportMoved(sockets: number): void {
    this.connection?.socket.write(`${movedPrefix}${sockets}\n`)
  }

  /** The connection ends on both sides once the other server has read everything: half a second at most is waited for that. */
  async close(): Promise<void> {
    const { connection } = this
    this.isClosed = true
    this.connection = undefined
    this.role.stopListening()
    if (connection === undefined) return
    connection.socket.end()
    await Promise.race([connection.ended, this.options.sleep(closeMs)])
  }

  private receive(line: string): void {
    if (line.startsWith(movedPrefix)) this.call(() => this.role.onMoved(Number(line.slice(movedPrefix.length))))
    else this.call(listener => listener.onMessage(line))
  }

  private call(act: (listener: BackplaneListener) => void): void {
    if (!this.isClosed) act(this.options.listener)
  }
}
