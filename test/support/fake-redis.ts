/** A server that answers as Redis does, as far as servers need it, until a test gives it another behaviour. */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import type { Address } from './redis-ping.ts'

/** What it does instead of answering as Redis. */
export type Behaviour = {
  /** Called with each open connection when the behaviour begins. By default the connection is closed. */
  readonly begin?: (connection: Connection) => void
  /** Called with each new connection. */
  readonly connect?: (connection: Connection) => void
  /** Called with each command. By default nothing is answered. */
  readonly command?: (connection: Connection, words: readonly string[]) => void
}

export class FakeRedis implements AsyncDisposable {
  private behaviour: Behaviour | undefined
  private readonly server
  private readonly connections = new Set<Connection>()
  /** How many connections have been accepted. */
  accepted = 0

  private constructor(tls: TlsOptions | undefined) {
    const accept = (socket: Socket) => this.accept(socket)
    this.server = tls === undefined ? createServer(accept) : createTlsServer(tls, accept)
  }

  /** @param tls the certificate of one that accepts TLS only */
  static async started(tls?: TlsOptions): Promise<FakeRedis> {
    const fake = new FakeRedis(tls)
    await new Promise<void>(resolve => void fake.server.listen({ host: '127.0.0.1', port: 0 }, resolve))
    return fake
  }

  get address(): Address {
    return { host: '127.0.0.1', port: (this.server.address() as AddressInfo).port }
  }

  behave(behaviour: Behaviour): void {
    this.behaviour = behaviour
    const begin = behaviour.begin ?? (connection => connection.end())
    for (const connection of this.connections) begin(connection)
  }

  /** Handles one command in this way from now on, and answers the others as Redis does. Connections stay open. */
  handle(command: string, act: (connection: Connection, words: readonly string[]) => void): void {
    this.behave({
      begin() {},
      command: (connection, words) => {
        if (words[0]!.toLowerCase() === command) act(connection, words)
        else this.answerAsRedis(connection, words)
      },
    })
  }

  /** Answers every command as Redis does again. Connections stay open. */
  resume(): void {
    this.behaviour = undefined
  }

  /** Closes some of the open connections. */
  end(which: (connection: Connection) => boolean): void {
    for (const connection of this.connections) if (which(connection)) connection.end()
  }

  /** How many connections are open. */
  get open(): number {
    return this.connections.size
  }

  /** Closes every connection, and answers new ones as Redis does. */
  restore(): void {
    this.behaviour = undefined
    for (const connection of this.connections) connection.end()
  }

  /** Delivers a message to the subscribers of a channel, as Redis does. */
  publish(channel: string, text: string): number {
    const subscribers = [...this.connections].filter(connection => connection.channels.has(channel))
    for (const subscriber of subscribers) subscriber.write(bulks('message', channel, text))
    return subscribers.length
  }

  /** The channels that have a subscriber. */
  get channels(): Set<string> {
    return new Set([...this.connections].flatMap(({ channels }) => [...channels]))
  }

  /** Sends replies to every subscribed connection, whatever its channels. */
  deliver(...replies: readonly string[]): void {
    for (const connection of this.connections)
      if (connection.channels.size > 0) for (const reply of replies) connection.write(reply)
  }

  private accept(socket: Socket): void {
    this.accepted++
    const connection = new Connection(socket, words => {
      if (this.behaviour === undefined) this.answerAsRedis(connection, words)
      else this.behaviour.command?.(connection, words)
    })
    this.connections.add(connection)
    socket.on('close', () => this.connections.delete(connection))
    this.behaviour?.connect?.(connection)
  }

  answerAsRedis(connection: Connection, [command = '', ...words]: readonly string[]): void {
    switch (command.toLowerCase()) {
      case 'info':
        connection.write(bulk('redis_version:7.0.0\r\nloading:0\r\n'))
        break
      case 'subscribe':
        for (const channel of words) {
          connection.channels.add(channel)
          connection.write(`*3\r\n${bulk('subscribe')}${bulk(channel)}:${connection.channels.size}\r\n`)
        }
        break
      case 'cluster':
        // One server has all slots.
        connection.write(`*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n${bulk('127.0.0.1')}:${this.address.port}\r\n${bulk('f00d')}`)
        break
      case 'sentinel':
        // It is its own sentinel, and the only one.
        connection.write(words[0] === 'sentinels' ? '*0\r\n' : bulks('127.0.0.1', String(this.address.port)))
        break
      case 'publish':
        connection.write(`:${this.publish(words[0]!, words[1]!)}\r\n`)
        break
      default:
        connection.write('+OK\r\n')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.connections) connection.end()
    await new Promise(resolve => this.server.close(resolve))
  }
}

export class Connection {
  readonly channels = new Set<string>()
  private unread = Buffer.alloc(0)

  constructor(
    private readonly socket: Socket,
    private readonly take: (words: readonly string[]) => void,
  ) {
    socket.on('error', () => {})
    socket.on('data', data => {
      this.unread = Buffer.concat([this.unread, data as Buffer])
      for (let words = this.next(); words !== undefined; words = this.next()) this.take(words)
    })
  }

  /** The port on which it was accepted. */
  get port(): number {
    return this.socket.localPort!
  }

  write(bytes: string | Buffer): void {
    if (!this.socket.destroyed) this.socket.write(bytes)
  }

  end(): void {
    this.socket.destroy()
  }

  /** Takes the next complete command, which is a list of texts. Undefined where none is complete. */
  private next(): string[] | undefined {
    let at = 0
    const line = () => {
      const end = this.unread.indexOf('\r\n', at)
      if (end < 0) return undefined
      const text = this.unread.toString('utf8', at, end)
      at = end + 2
      return text
    }
    const words: string[] = []
    const count = Number(line()?.slice(1) ?? Number.NaN)
    for (let i = 0; i < count; i++) {
      const length = Number(line()?.slice(1) ?? Number.NaN)
      if (!(this.unread.length >= at + length + 2)) return undefined
      words.push(this.unread.toString('utf8', at, at + length))
      at += length + 2
    }
    if (words.length === 0) return undefined
    this.unread = this.unread.subarray(at)
    return words
  }
}

export function bulk(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`
}

/** A list of texts in the protocol of Redis. */
export function bulks(...texts: readonly string[]): string {
  return `*${texts.length}\r\n${texts.map(bulk).join('')}`
}
