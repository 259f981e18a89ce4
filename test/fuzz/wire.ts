/** A TCP connection whose received bytes are checked. */
import { connect, type Socket } from 'node:net'

/** How long an answer may take before it is a violation. */
export const timeoutMs = 60_000

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

  /** @param read is called with all received bytes */
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

  /** Takes the first `length` received bytes. */
  shift(length: number): Buffer {
    const bytes = this.received.subarray(0, length)
    this.received = this.received.subarray(length)
    return bytes
  }

  /** True once `done()` is true, false when it is not in time. It is called when bytes arrive or the connection closes. */
  until(done: () => boolean, withinMs = timeoutMs): Promise<boolean> {
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

  /** Stops reading: further bytes wait in the kernel, and then in the server. */
  stopReading(): void {
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
