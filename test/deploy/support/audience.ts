/** Many real clients of one server, and what they live through while it is away: pusher-js, which Echo is built on. */
import Pusher from 'pusher-js'
import type { DeployedApp } from '../../support/deployed-app.ts'
import { until } from '../../support/until.ts'

/** What clients notice between the moment in which their sockets are closed and the one in which all of them are back. */
export type Absence = {
  /** Attempts to connect: as many as there are clients where each is back with its first. */
  readonly attempts: number
  /** The codes of what an application hears as `error` of the connection. */
  readonly errors: readonly unknown[]
  /** From the last socket that was closed to the last client that is back. */
  readonly milliseconds: number
}

type Server = Pick<DeployedApp, 'port' | 'path' | 'isUp'>

/** A member of pusher-js's connection that its types leave out. */
type Retrying = { retryIn(milliseconds: number): void }

export class Audience implements Disposable {
  private readonly clients: Pusher[]
  private attempts = 0
  private errors: unknown[] = []
  /** By client and `performance.now()`: when it was away and back since the last look. */
  private leftAt: number[] = []
  private backAt: number[] = []
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

  /** So many clients of a server, all connected. */
  static async of(server: Server, count: number): Promise<Audience> {
    const audience = new Audience(server, count)
    await until('every client is connected', () => audience.clients.every(({ connection }) => connection.state === 'connected'))
    return audience
  }

  /** Ends when whatever closes all their sockets is over, and every client is back. */
  async during(absence: () => unknown): Promise<Absence> {
    this.attempts = 0
    this.errors = []
    this.leftAt = []
    this.backAt = []
    this.listening = undefined
    await absence()
    await until('every client was away and is back', () => this.clients.every((_, i) => this.backAt[i] !== undefined))
    return {
      attempts: this.attempts,
      errors: this.errors,
      milliseconds: Math.max(...this.backAt) - Math.max(...this.leftAt),
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
    const leave = () => {
      this.leftAt[i] ??= performance.now()
    }
    // One that waits for a second before it comes back waits for the server as well: how long a start takes is up to the machine.
    const comeBack = async (milliseconds: number) => {
      leave()
      if (milliseconds > 0) await this.untilListening()
      if (connection.state !== 'disconnected') retryIn.call(connection, milliseconds)
    }
    Object.assign(connection, { retryIn: comeBack })
    connection.bind('connecting', leave)
    connection.bind('connected', () => {
      if (this.leftAt[i] !== undefined) this.backAt[i] = performance.now()
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
