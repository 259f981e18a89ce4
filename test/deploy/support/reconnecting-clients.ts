/** Many pusher-js clients of one server, on which Echo is built, and how they reconnect after their sockets were closed. */
import Pusher from 'pusher-js'
import type { DeployedApp } from '../../support/deployed-app.ts'
import { until } from '../../support/until.ts'

/** What happened between the first closed socket and the last client that reconnected. */
export type Reconnects = {
  /** Attempts to connect: as many as there are clients when each reconnected with its first. */
  readonly attempts: number
  /** The codes of the connections' `error` events, which applications can bind to. */
  readonly errors: readonly unknown[]
  /** The time from the last socket that was closed to the last client that reconnected. */
  readonly milliseconds: number
}

type Server = Pick<DeployedApp, 'port' | 'path' | 'isUp'>

/** A member of pusher-js's connection that its types leave out. */
type Retrying = { retryIn(milliseconds: number): void }

export class ReconnectingClients implements Disposable {
  private readonly clients: Pusher[]
  private attempts = 0
  private errors: unknown[] = []
  /** The times by `performance.now()`, by client. */
  private disconnectedAtMs: number[] = []
  private reconnectedAtMs: number[] = []
  /** Resolves when a server listens again. */
  private listening: Promise<boolean> | undefined

  private constructor(
    private readonly server: Server,
    count: number,
  ) {
    Pusher.log = message => {
      if (message.includes('"Connecting"')) this.attempts++
    }
    this.clients = Array.from({ length: count }, (_, i) => this.client(i))
  }

  /** Resolves when all of them are connected. */
  static async of(server: Server, count: number): Promise<ReconnectingClients> {
    const connected = new ReconnectingClients(server, count)
    await until('every client is connected', () => connected.clients.every(({ connection }) => connection.state === 'connected'))
    return connected
  }

  /** @param action closes the sockets of all clients. Resolves when every client has reconnected. */
  async reconnectAfter(action: () => unknown): Promise<Reconnects> {
    this.attempts = 0
    this.errors = []
    this.disconnectedAtMs = []
    this.reconnectedAtMs = []
    this.listening = undefined
    await action()
    await until('every client has reconnected', () => this.clients.every((_, i) => this.reconnectedAtMs[i] !== undefined))
    return {
      attempts: this.attempts,
      errors: this.errors,
      milliseconds: Math.max(...this.reconnectedAtMs) - Math.max(...this.disconnectedAtMs),
    }
  }

  private client(i: number): Pusher {
    const client = new Pusher('app-key', {
      cluster: '',
      wsHost: '127.0.0.1',
      wsPort: this.server.port,
      wsPath: this.server.path,
      forceTLS: false,
      enabledTransports: ['ws'],
    })
    const { connection } = client
    const { retryIn } = connection as unknown as Retrying
    const disconnected = () => {
      this.disconnectedAtMs[i] ??= performance.now()
    }
    // A client that reconnects after a second waits for the server as well, because a busy machine may take longer to start it.
    const retry = async (milliseconds: number) => {
      disconnected()
      if (milliseconds > 0) await this.untilListening()
      if (connection.state !== 'disconnected') retryIn.call(connection, milliseconds)
    }
    Object.assign(connection, { retryIn: retry })
    connection.bind('connecting', disconnected)
    connection.bind('connected', () => {
      if (this.disconnectedAtMs[i] !== undefined) this.reconnectedAtMs[i] = performance.now()
    })
    connection.bind('error', (error: { data?: { code?: number } }) => this.errors.push(error.data?.code ?? error))
    return client
  }

  private untilListening(): Promise<boolean> {
    this.listening ??= until('a server listens again', () => this.server.isUp())
    return this.listening
  }

  [Symbol.dispose](): void {
    for (const client of this.clients) client.disconnect()
    Pusher.log = () => {}
  }
}
