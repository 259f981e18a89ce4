/** One WebSocket client, as cheap as possible: once it is subscribed, it passes payloads on without parsing them. */
import type { Socket } from 'bun'
import { app } from './app.ts'
import { FrameSplitter, type OnFrame, textFrame } from './frames.ts'
import { subscriptionAuth } from './signature.ts'

export type Address = { readonly host: string; readonly port: number }

export type ClientOptions = {
  readonly at: Address
  readonly channels: readonly string[]
  /** The user id on presence channels. */
  readonly member?: string
}

/** The request of the opening handshake. */
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
  /** Called with every payload but those of the handshake and of subscriptions. */
  onFrame: OnFrame | undefined
  private socket: Socket<Client> | undefined
  private response: Buffer | undefined = Buffer.alloc(0)
  private readonly frames = new FrameSplitter((bytes, start, length) => this.receiveFrame(bytes, start, length))
  private pendingSubscriptions: number
  private readonly ready = Promise.withResolvers<void>()

  private constructor(private readonly options: ClientOptions) {
    this.pendingSubscriptions = options.channels.length
  }

  /** Resolves when it is subscribed to all channels. @throws the server's error */
  static async subscribed(options: ClientOptions, onFrame?: OnFrame): Promise<Client> {
    const client = new Client(options)
    client.onFrame = onFrame
    const { host, port } = options.at
    client.socket = await Bun.connect<Client>({ hostname: host, port, data: client, socket: callbacks })
    client.socket.write(upgrade)
    await client.ready.promise
    return client
  }

  send(frame: Buffer): void {
    if (this.socket!.write(frame) !== frame.length) throw new Error('a client could not send: the server does not read')
  }

  /** Closes the connection with a TCP reset, which leaves no TIME_WAIT behind. */
  reset(): void {
    this.socket?.terminate()
  }

  receive(chunk: Buffer): void {
    if (this.response === undefined) return void this.frames.push(chunk)
    this.response = Buffer.concat([this.response, chunk])
    const end = this.response.indexOf('\r\n\r\n')
    if (end === -1) return
    const { response } = this
    this.response = undefined
    if (!response.includes(' 101 ')) return void this.fail(new Error(`no WebSocket: ${response.subarray(0, end)}`))
    if (end + 4 < response.length) this.frames.push(response.subarray(end + 4))
  }

  fail(reason: Error): void {
    this.ready.reject(reason)
  }

  private receiveFrame(bytes: Buffer, start: number, length: number): void {
    if (this.pendingSubscriptions === 0) return void this.onFrame?.(bytes, start, length)
    const text = bytes.toString('latin1', start, start + length)
    if (text.includes('pusher:connection_established')) this.subscribe(text)
    else if (text.includes('subscription_succeeded')) this.subscriptionSucceeded()
    else if (text.includes('error')) this.fail(new Error(text))
    else this.onFrame?.(bytes, start, length)
  }

  private subscribe(established: string): void {
    const socketId = /\d+\.\d+/.exec(established)![0]
    for (const channel of this.options.channels) this.send(textFrame(this.subscription(socketId, channel)))
  }

  private subscription(socketId: string, channel: string): string {
    const data = { channel, ...this.credentials(socketId, channel) }
    return JSON.stringify({ event: 'pusher:subscribe', data })
  }

  private credentials(socketId: string, channel: string): object {
    if (channel.startsWith('private-')) return { auth: subscriptionAuth(app, socketId, channel) }
    if (!channel.startsWith('presence-')) return {}
    const member = JSON.stringify({ user_id: this.options.member, user_info: { name: 'A member' } })
    return { auth: subscriptionAuth(app, socketId, channel, member), channel_data: member }
  }

  private subscriptionSucceeded(): void {
    this.pendingSubscriptions--
    if (this.pendingSubscriptions === 0) this.ready.resolve()
  }
}

const callbacks = {
  data: ({ data }: Socket<Client>, chunk: Buffer) => data.receive(chunk),
  error: ({ data }: Socket<Client>, error: Error) => data.fail(error),
  close: ({ data }: Socket<Client>) => data.fail(new Error('the server has closed the connection')),
}
