/**
 * A relay between a server and Redis. It can discard what the server publishes, while the connection stays open and neither end notices.
 * It can also delay the first answer on each connection.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Address } from '../../support/redis-ping.ts'

export class Relay implements AsyncDisposable {
  private readonly server = createServer(socket => this.forward(socket))
  private readonly sockets = new Set<Socket>()
  /** Connections that have sent SUBSCRIBE. */
  private readonly subscribed = new Set<Socket>()
  private readonly muted = new Set<Socket>()

  private constructor(
    private readonly redis: Address,
    private readonly firstAnswerMs: number,
  ) {}

  /** @param firstAnswerMs how long the first answer on each connection takes */
  static async to(redis: Address, { firstAnswerMs = 0 } = {}): Promise<Relay> {
    const relay = new Relay(redis, firstAnswerMs)
    await new Promise<void>(resolve => void relay.server.listen({ host: '127.0.0.1', port: 0 }, resolve))
    return relay
  }

  get address(): Address {
    return { host: '127.0.0.1', port: (this.server.address() as AddressInfo).port }
  }

  /** Discards from now on what is sent over the open connections that are not subscribed. */
  dropPublishes(): void {
    for (const socket of this.sockets) if (!this.subscribed.has(socket)) this.muted.add(socket)
  }

  private forward(inward: Socket): void {
    const outward = connect(this.redis)
    outward.pause()
    setTimeout(() => outward.resume(), this.firstAnswerMs)
    this.sockets.add(inward)
    inward.on('data', data => {
      if (data.includes('subscribe')) this.subscribed.add(inward)
      if (!this.muted.has(inward)) outward.write(data)
    })
    outward.on('data', data => inward.write(data))
    inward.on('close', () => {
      this.sockets.delete(inward)
      outward.destroy()
    })
    outward.on('close', () => inward.destroy())
    for (const socket of [inward, outward]) socket.on('error', () => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise(resolve => this.server.close(resolve))
  }
}
