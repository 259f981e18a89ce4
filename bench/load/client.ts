/** One WebSocket client, as cheap as it can be: once it is subscribed, it hands on the payloads and parses nothing. */
import type { Socket } from 'bun'
import { app } from './app.ts'
import { FrameCutter, textFrame, type Visit } from './frames.ts'
import { subscriptionAuth } from './signature.ts'

export type Address = { readonly host: string; readonly port: number }

export type ClientOptions = {
  readonly at: Address
  readonly channels: readonly string[]
  /** Who it is on presence channels. */
  readonly member?: string
}

/** The request with which a WebSocket begins. */
export const upgrade = [
  `GET /app/${app.key}?protocol=7&client=js&version=8.4.0&flash=false HTTP/1.1`,
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  '\r\n',
].join('\r\n')

export class Client {
  /** Where payloads go, of frames other than those of the start. */
  ear: Visit | undefined
  private socket: Socket<Client> | undefined
  private head: Buffer | undefined = Buffer.alloc(0)
  private readonly cutter = new FrameCutter((bytes, start, length) => this.visit(bytes, start, length))
  private awaited: number
  private readonly ready = Promise.withResolvers<void>()

  private constructor(private readonly options: ClientOptions) {
    this.awaited = options.channels.length
  }

  /** Resolves when it is subscribed everywhere. @throws what the server says instead */
  static async subscribed(options: ClientOptions, ear?: Visit): Promise<Client> {
    const client = new Client(options)
    client.ear = ear
    const { host, port } = options.at
    client.socket = await Bun.connect<Client>({ hostname: host, port, data: client, socket: callbacks })
    client.socket.write(upgrade)
    await client.ready.promise
    return client
  }

  send(frame: Buffer): void {
    if (this.socket!.write(frame) !== frame.length) throw new Error('a client could not send: the server does not read')
  }

  /** With a reset, which leaves nothing behind in the kernel. */
  cut(): void {
    this.socket?.terminate()
  }

  take(chunk: Buffer): void {
    if (this.head === undefined) return void this.cutter.take(chunk)
    this.head = Buffer.concat([this.head, chunk])
    const end = this.head.indexOf('\r\n\r\n')
    if (end === -1) return
    const { head } = this
    this.head = undefined
    if (!head.includes(' 101 ')) return void this.fails(new Error(`no WebSocket: ${head.subarray(0, end)}`))
    if (end + 4 < head.length) this.cutter.take(head.subarray(end + 4))
  }

  fails(reason: Error): void {
    this.ready.reject(reason)
  }

  private visit(bytes: Buffer, start: number, length: number): void {
    if (this.awaited === 0) return void this.ear?.(bytes, start, length)
    const text = bytes.toString('latin1', start, start + length)
    if (text.includes('pusher:connection_established')) this.subscribe(text)
    else if (text.includes('subscription_succeeded')) this.arrive()
    else if (text.includes('error')) this.fails(new Error(text))
    else this.ear?.(bytes, start, length)
  }

  private subscribe(greeting: string): void {
    const socketId = /\d+\.\d+/.exec(greeting)![0]
    for (const channel of this.options.channels) this.send(textFrame(this.subscription(socketId, channel)))
  }

  private subscription(socketId: string, channel: string): string {
    const data = { channel, ...this.credentials(socketId, channel) }
    return JSON.stringify({ event: 'pusher:subscribe', data })
  }

  private credentials(socketId: string, channel: string): object {
    if (channel.startsWith('private-')) return { auth: subscriptionAuth(app, socketId, channel) }
    if (!channel.startsWith('presence-')) return {}
    const member = JSON.stringify({ user_id: this.options.member, user_info: { name: 'Somebody' } })
    return { auth: subscriptionAuth(app, socketId, channel, member), channel_data: member }
  }

  private arrive(): void {
    this.awaited--
    if (this.awaited === 0) this.ready.resolve()
  }
}

const callbacks = {
  data: ({ data }: Socket<Client>, chunk: Buffer) => data.take(chunk),
  error: ({ data }: Socket<Client>, error: Error) => data.fails(error),
  close: ({ data }: Socket<Client>) => data.fails(new Error('the server has closed the connection')),
}
