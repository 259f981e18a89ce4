/** A bare TCP connection whose every byte is watched. */
import { connect, type Socket } from 'node:net'

/** How long a server that lives may take. */
export const patienceMs = 60_000

export class Wire {
  closed = false
  received = Buffer.alloc(0)
  private readonly waiting = new Set<() => void>()

  private constructor(
    private readonly socket: Socket,
    read: (bytes: Buffer) => void,
  ) {
    socket.on('data', chunk => {
      const bytes = chunk as Buffer
      read(bytes)
      this.received = Buffer.concat([this.received, bytes])
      this.wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.closed = true
      this.wake()
    })
  }

  /** @param read sees everything that comes */
  static open(port: number, read: (bytes: Buffer) => void): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Wire(socket, read))
      })
    })
  }

  write(bytes: string | Buffer): void {
    if (!this.closed) this.socket.write(bytes)
  }

  /** The first `length` bytes that have come, which are then gone. */
  shift(length: number): Buffer {
    const bytes = this.received.subarray(0, length)
    this.received = this.received.subarray(length)
    return bytes
  }

  /** True once `done` says so, false when it still does not after that time. Asked whenever something comes, or the connection goes. */
  until(done: () => boolean, withinMs = patienceMs): Promise<boolean> {
    if (done()) return Promise.resolve(true)
    return new Promise(resolve => {
      const finish = (result: boolean) => {
        clearTimeout(timer)
        this.waiting.delete(check)
        resolve(result)
      }
      const check = () => {
        if (done()) finish(true)
      }
      const timer = setTimeout(() => finish(false), withinMs)
      this.waiting.add(check)
    })
  }

  /** Stops reading: what comes waits in the kernel, and then in the server. */
  deaf(): void {
    this.socket.pause()
  }

  end(): void {
    this.socket.end()
  }

  destroy(): void {
    this.socket.destroy()
  }

  private wake(): void {
    for (const check of [...this.waiting]) check()
  }
}
