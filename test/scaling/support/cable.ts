/** Between one server and Redis: can be cut, and can stall, and be mended. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Address } from '../../support/redis-ping.ts'

export class Cable implements AsyncDisposable {
  private readonly server = createServer({ pauseOnConnect: true }, socket => this.join(socket))
  private readonly ends = new Set<Socket>()
  private state: 'whole' | 'cut' | 'stalled' = 'whole'

  private constructor(private readonly redis: Address) {}

  static async to(redis: Address): Promise<Cable> {
    const cable = new Cable(redis)
    await new Promise<void>(resolve => void cable.server.listen({ host: '127.0.0.1', port: 0 }, resolve))
    return cable
  }

  get address(): Address {
    return { host: '127.0.0.1', port: (this.server.address() as AddressInfo).port }
  }

  get isWhole(): boolean {
    return this.state === 'whole'
  }

  /** Connections end, and there are no new ones. */
  cut(): void {
    this.state = 'cut'
    for (const end of this.ends) end.destroy()
  }

  /** Connections stay, and nothing gets through. */
  stall(): void {
    this.state = 'stalled'
    for (const end of this.ends) end.pause()
  }

  mend(): void {
    this.state = 'whole'
    for (const end of this.ends) end.resume()
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
      this.ends.add(from)
      from.on('error', () => {})
      from.on('data', data => void to.write(data))
      from.on('close', () => {
        this.ends.delete(from)
        to.destroy()
      })
      if (this.isWhole) from.resume()
      else from.pause()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    await new Promise(resolve => this.server.close(resolve))
  }
}
