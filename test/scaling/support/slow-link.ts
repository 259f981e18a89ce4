/** Between one server and Redis: lets through so many bytes a second in each direction, for all connections. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Address } from './redis.ts'

const stepMs = 20

export class SlowLink implements AsyncDisposable {
  private readonly server = createServer(socket => this.join(socket))
  private readonly ends = new Set<Socket>()

  private constructor(
    private readonly redis: Address,
    private bytesPerSecond: number,
  ) {}

  static async to(redis: Address, bytesPerSecond: number): Promise<SlowLink> {
    const link = new SlowLink(redis, bytesPerSecond)
    await new Promise<void>(resolve => void link.server.listen({ host: '127.0.0.1', port: 0 }, resolve))
    return link
  }

  get address(): Address {
    return { host: '127.0.0.1', port: (this.server.address() as AddressInfo).port }
  }

  /** It is as fast as any. */
  mend(): void {
    this.bytesPerSecond = Number.POSITIVE_INFINITY
  }

  private join(inward: Socket): void {
    const outward = connect(this.redis)
    for (const [from, to] of [
      [inward, outward],
      [outward, inward],
    ] as const) {
      this.ends.add(from)
      void this.pass(from, to)
    }
  }

  private async pass(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const data of from as AsyncIterable<Buffer>) {
        for (let rest = data; rest.length > 0 && !to.destroyed; ) {
          const piece = rest.subarray(0, Math.max(1024, (this.bytesPerSecond * stepMs) / 1000))
          rest = rest.subarray(piece.length)
          to.write(piece)
          await Bun.sleep((piece.length / this.bytesPerSecond) * 1000)
        }
      }
    } catch {
      // The connection has ended.
    }
    this.ends.delete(from)
    to.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.ends) end.destroy()
    await new Promise(resolve => this.server.close(resolve))
  }
}
