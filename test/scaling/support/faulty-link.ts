/** A link between one server and Redis that a test can cut, stall and repair. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Address } from '../../support/redis-ping.ts'

export class FaultyLink implements AsyncDisposable {
  private readonly server = createServer({ pauseOnConnect: true }, socket => this.join(socket))
  private readonly sockets = new Set<Socket>()
  private state: 'up' | 'cut' | 'stalled' = 'up'

  private constructor(private readonly redis: Address) {}

  static async to(redis: Address): Promise<FaultyLink> {
    const link = new FaultyLink(redis)
    await new Promise<void>(resolve => void link.server.listen({ host: '127.0.0.1', port: 0 }, resolve))
    return link
  }

  get address(): Address {
    return { host: '127.0.0.1', port: (this.server.address() as AddressInfo).port }
  }

  get isUp(): boolean {
    return this.state === 'up'
  }

  /** Ends every connection, and refuses new ones. */
  cut(): void {
    this.state = 'cut'
    for (const socket of this.sockets) socket.destroy()
  }

  /** Keeps the connections, and forwards nothing. */
  stall(): void {
    this.state = 'stalled'
    for (const socket of this.sockets) socket.pause()
  }

  repair(): void {
    this.state = 'up'
    for (const socket of this.sockets) socket.resume()
  }

  private join(inward: Socket): void {
    if (this.state === 'cut') {
      inward.destroy()
      return
    }
    const outward = connect(this.redis)
    for (const [from, to] of [
      [inward, outward],
      [outward, inward],
    ] as const) {
      this.sockets.add(from)
      from.on('error', () => {})
      from.on('data', data => void to.write(data))
      from.on('close', () => {
        this.sockets.delete(from)
        to.destroy()
      })
      if (this.isUp) from.resume()
      else from.pause()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    await new Promise(resolve => this.server.close(resolve))
  }
}
