/** A WebSocket client made of bytes, that can also be a bad one. */

import type { Random } from '../support/random.ts'
import type { FuzzApp } from './apps.ts'
import type { Watch } from './watch.ts'
import { Wire } from './wire.ts'
import { textFrame } from './ws-frames.ts'

const ping = '{"event":"pusher:ping"}'

/** What some clients ask for besides. */
const extras = [
  '',
  'Origin: https://example.com\r\n',
  'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n',
  'Sec-WebSocket-Protocol: a, b\r\n',
]

export class WsPeer {
  socketId = ''
  private pongs = 0
  private closing = false

  private constructor(
    readonly app: FuzzApp,
    readonly wire: Wire,
    private readonly watch: Watch,
    private readonly random: Random,
  ) {}

  /** Connects and takes the greeting. Undefined when the server would not have it. */
  static async greeted(port: number, app: FuzzApp, watch: Watch, random: Random): Promise<WsPeer | undefined> {
    const wire = await Wire.open(port, watch.reader(app, `a socket of ${app.id}`))
    const key = random.bytes(16).toString('base64')
    wire.write(
      `GET /app/${app.key}?protocol=7 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${random.pick(extras)}\r\n`,
    )
    const peer = new WsPeer(app, wire, watch, random)
    const upgraded = await wire.until(() => wire.closed || wire.received.includes('\r\n\r\n'))
    if (!upgraded) watch.violation('a WebSocket handshake was not answered')
    const head = wire.shift(wire.received.indexOf('\r\n\r\n') + 4).toString()
    if (!head.startsWith('HTTP/1.1 101')) {
      wire.destroy()
      return undefined
    }
    watch.connections++
    if (!(await peer.until(() => peer.socketId !== ''))) watch.violation('a socket was not greeted')
    return peer
  }

  get gone(): boolean {
    return this.wire.closed || this.closing
  }

  send(bytes: Buffer): void {
    this.watch.frames++
    this.watch.input(`socket ${this.socketId} of ${this.app.id}`, bytes)
    this.wire.write(bytes)
  }

  /** Asks whether the server still listens to this socket: it answers, or has closed it. */
  async settle(): Promise<void> {
    const before = this.pongs
    this.send(textFrame(this.random, ping))
    if (await this.until(() => this.pongs > before)) return
    this.watch.violation(`a ping of socket ${this.socketId} was not answered, and the socket not closed`)
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
      else if (frame.opcode === 1) this.heard(frame.payload.toString())
    }
  }

  /** Servers do not mask, and this one does not fragment. */
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

  private heard(text: string): void {
    const { event, data } = this.parsed(text)
    if (event === 'pusher:pong') this.pongs++
    if (event === 'pusher:connection_established') this.socketId = (JSON.parse(data as string) as { socket_id: string }).socket_id
  }

  private parsed(text: string): { event?: unknown; data?: unknown } {
    try {
      return JSON.parse(text) as { event?: unknown }
    } catch {
      this.watch.violation(`a socket was sent what is no JSON: ${text.slice(0, 500)}`)
      return {}
    }
  }
}
