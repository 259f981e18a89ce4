/** A WebSocket client on raw TCP, which can also send invalid bytes. */

import type { Random } from '../support/random.ts'
import type { FuzzApp } from './apps.ts'
import type { Invariants } from './invariants.ts'
import { Wire } from './wire.ts'
import { textFrame } from './ws-frames.ts'

const ping = '{"event":"pusher:ping"}'

/** More headers that some clients send. */
const extras = [
  '',
  'Origin: https://example.com\r\n',
  'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n',
  'Sec-WebSocket-Protocol: a, b\r\n',
]

export class WsClient {
  socketId = ''
  private pongs = 0
  private closing = false

  private constructor(
    readonly app: FuzzApp,
    readonly wire: Wire,
    private readonly invariants: Invariants,
    private readonly random: Random,
  ) {}

  /** Connects and receives `connection_established`. Undefined when the server refused. */
  static async connected(port: number, app: FuzzApp, invariants: Invariants, random: Random): Promise<WsClient | undefined> {
    const wire = await Wire.open(port, invariants.leakDetector(app, `a socket of ${app.id}`))
    const key = random.bytes(16).toString('base64')
    wire.write(
      `GET /app/${app.key}?protocol=7 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${random.pick(extras)}\r\n`,
    )
    const client = new WsClient(app, wire, invariants, random)
    const upgraded = await wire.until(() => wire.closed || wire.received.includes('\r\n\r\n'))
    if (!upgraded) invariants.violation('a WebSocket handshake was not answered')
    const head = wire.shift(wire.received.indexOf('\r\n\r\n') + 4).toString()
    if (!head.startsWith('HTTP/1.1 101')) {
      wire.destroy()
      return undefined
    }
    invariants.connections++
    if (!(await client.until(() => client.socketId !== ''))) invariants.violation('a socket was not greeted')
    return client
  }

  get gone(): boolean {
    return this.wire.closed || this.closing
  }

  send(bytes: Buffer): void {
    this.invariants.frames++
    this.invariants.input(`socket ${this.socketId} of ${this.app.id}`, bytes)
    this.wire.write(bytes)
  }

  /** Pings the server, which answers or has closed the socket. */
  async settle(): Promise<void> {
    const before = this.pongs
    this.send(textFrame(this.random, ping))
    if (await this.until(() => this.pongs > before)) return
    this.invariants.violation(`a ping of socket ${this.socketId} was not answered, and the socket not closed`)
  }

  private until(done: () => boolean): Promise<boolean> {
    return this.wire.until(() => {
      this.readFrames()
      return done() || this.gone
    })
  }

  private readFrames(): void {
    for (let frame = this.nextFrame(); frame !== undefined; frame = this.nextFrame()) {
      if (frame.opcode === 8) this.closing = true
      else if (frame.opcode === 1) this.received(frame.payload.toString())
    }
  }

  /** Parses the frames of the server, which neither masks nor fragments. */
  private nextFrame(): { opcode: number; payload: Buffer } | undefined {
    const { received } = this.wire
    if (received.length < 2) return undefined
    const short = received[1]! & 0x7f
    const head = short === 126 ? 4 : short === 127 ? 10 : 2
    if (received.length < head) return undefined
    const length = short === 126 ? received.readUInt16BE(2) : short === 127 ? Number(received.readBigUInt64BE(2)) : short
    if (received.length < head + length) return undefined
    return { opcode: received[0]! & 0x0f, payload: this.wire.shift(head + length).subarray(head) }
  }

  private received(text: string): void {
    const { event, data } = this.parsed(text)
    if (event === 'pusher:pong') this.pongs++
    if (event === 'pusher:connection_established') this.socketId = (JSON.parse(data as string) as { socket_id: string }).socket_id
  }

  private parsed(text: string): { event?: unknown; data?: unknown } {
    try {
      return JSON.parse(text) as { event?: unknown }
    } catch {
      this.invariants.violation(`a socket was sent what is no JSON: ${text.slice(0, 500)}`)
      return {}
    }
  }
}
