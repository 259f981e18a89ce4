/**
 * Stands between a server and Redis, and can go deaf on what the server publishes: the connection stays, and nobody is told. It can
 * also be as slow as a Redis that is far away or busy.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Address } from '../../support/redis-ping.ts'

export class Relay implements AsyncDisposable {
  private readonly server = createServer(socket => this.pass(socket))
  private readonly sockets = new Set<Socket>()
  /** Connections that have said so far that they listen. */
  private readonly listening = new Set<Socket>()
  private readonly mute = new Set<Socket>()

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

  /** Of the connections that are there now. */
  muteThoseWhoPublish(): void {
    for (const socket of this.sockets) if (!this.listening.has(socket)) this.mute.add(socket)
  }

  private pass(inward: Socket): void {
    const outward = connect(this.redis)
    outward.pause()
    setTimeout(() => outward.resume(), this.firstAnswerMs)
    this.sockets.add(inward)
    inward.on('data', data => {
      if (data.includes('subscribe')) this.listening.add(inward)
      if (!this.mute.has(inward)) outward.write(data)
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
