/** A raw TCP connection, to send what no correct client sends. */
import { connect, type Socket } from 'node:net'
import { Queue } from './queue.ts'

/** The text of the request that opens a WebSocket. */
export function upgradeRequest(path = '/app/app-key', headers: readonly string[] = []): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** The answer to a GET of a path that is sent as it is: `fetch` would resolve its dots. */
export async function rawGet(port: number, path: string): Promise<Awaited<ReturnType<Connection['response']>>> {
  const connection = await Connection.open(port)
  connection.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`)
  const answer = await connection.response()
  connection.destroy()
  return answer
}

export class Connection {
  readonly ended: Promise<void>
  private received = Buffer.alloc(0)
  private readonly chunks = new Queue<Buffer>()

  private constructor(readonly socket: Socket) {
    socket.on('data', chunk => this.chunks.add(chunk as Buffer))
    socket.on('error', () => {})
    this.ended = new Promise(resolve => {
      socket.on('close', () => {
        this.chunks.end('the connection was closed')
        resolve()
      })
    })
  }

  /** @param localAddress any of 127.0.0.0/8: each has ports of its own */
  static open(port: number, localAddress?: string): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, ...(localAddress === undefined ? {} : { localAddress }) })
      const connection = new Connection(socket)
      socket.once('connect', () => resolve(connection))
      socket.once('error', reject)
    })
  }

  write(text: string | Uint8Array): void {
    this.socket.write(text)
  }

  /** Waits for a text, or bytes, and returns everything up to its end. */
  async until(wanted: string | Uint8Array): Promise<string> {
    for (;;) {
      const at = this.received.indexOf(wanted)
      if (at >= 0) {
        const end = at + Buffer.byteLength(wanted)
        const before = this.received.subarray(0, end).toString()
        this.received = this.received.subarray(end)
        return before
      }
      this.received = Buffer.concat([this.received, await this.chunks.next()])
    }
  }

  /** An HTTP response, by its Content-Length, in chunks, or up to the end of the connection. */
  async response(): Promise<{ status: number; headers: Headers; body: string }> {
    const lines = (await this.until('\r\n\r\n')).trimEnd().split('\r\n')
    const headers = new Headers(
      lines.slice(1).map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
    )
    const status = Number(lines[0]!.split(' ')[1])
    return { status, headers, body: status === 101 || status === 204 ? '' : (await this.body(headers)).toString() }
  }

  private async body(headers: Headers): Promise<Buffer> {
    if (headers.get('transfer-encoding') === 'chunked') return this.chunked()
    const length = headers.get('content-length')
    if (length !== null) return this.take(Number(length))
    await this.ended
    return Buffer.concat([this.received, ...this.chunks.rest()])
  }

  private async chunked(): Promise<Buffer> {
    const chunks: Buffer[] = []
    for (;;) {
      const size = Number.parseInt(await this.until('\r\n'), 16)
      chunks.push(await this.take(size))
      await this.until('\r\n')
      if (size === 0) return Buffer.concat(chunks)
    }
  }

  private async take(length: number): Promise<Buffer> {
    while (this.received.length < length) this.received = Buffer.concat([this.received, await this.chunks.next()])
    const taken = this.received.subarray(0, length)
    this.received = this.received.subarray(length)
    return taken
  }

  handshake(path?: string, headers?: readonly string[]): void {
    this.write(upgradeRequest(path, headers))
  }

  /** One text frame, masked with zeros. */
  frame(text: string): void {
    const body = Buffer.from(text)
    if (body.length > 125) throw new Error('too long for this test client')
    this.write(Buffer.concat([Buffer.from([0x81, 0x80 | body.length, 0, 0, 0, 0]), body]))
  }

  destroy(): void {
    this.socket.destroy()
  }
}
