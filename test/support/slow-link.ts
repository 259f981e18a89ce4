/** Between a server and Redis: passes on everything, and no more in a second than a limit, once there is one. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Address } from './redis-ping.ts'

export class SlowLink implements AsyncDisposable {
  private readonly server = createServer(socket => this.join(socket))
  private readonly sockets = new Set<Socket>()

  /** @param bytesPerSecond of each connection, in each direction */
  private constructor(
    private readonly to: Address,
    public bytesPerSecond: number,
  ) {}

  static async to(address: Address, bytesPerSecond = Number.POSITIVE_INFINITY): Promise<SlowLink> {
    const link = new SlowLink(address, bytesPerSecond)
    await new Promise<void>(resolve => void link.server.listen({ host: '127.0.0.1', port: 0 }, resolve))
    return link
  }

  get address(): Address {
    return { host: '127.0.0.1', port: (this.server.address() as AddressInfo).port }
  }

  private join(inward: Socket): void {
    const outward = connect(this.to)
    this.pass(inward, outward)
    this.pass(outward, inward)
  }

  private pass(from: Socket, to: Socket): void {
    this.sockets.add(from)
    from.on('error', () => {})
    from.on('close', () => {
      this.sockets.delete(from)
      to.destroy()
    })
    from.on('data', async data => {
      from.pause()
      if (Number.isFinite(this.bytesPerSecond)) await Bun.sleep((1000 * data.length) / this.bytesPerSecond)
      if (!to.destroyed) to.write(data, () => from.resume())
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise(resolve => this.server.close(resolve))
  }
}
