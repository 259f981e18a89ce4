/** A WebSocket client that keeps what comes until it is asked for. */
import { Queue } from './queue.ts'
import { channelAuth } from './sign.ts'

export type Frame = { readonly event: string; readonly channel?: string; readonly data?: unknown; readonly user_id?: unknown }
export type Credentials = { readonly key: string; readonly secret: string }
export type ConnectOptions = {
  readonly key?: string
  readonly prefix?: string
  readonly origin?: string
  readonly tls?: boolean
}

const ping = '{"event":"pusher:ping"}'

export class Client {
  readonly closed: Promise<{ code: number; reason: string }>
  /** From the greeting. */
  socketId = ''
  private readonly texts = new Queue<string>()

  private constructor(readonly socket: WebSocket) {
    socket.onmessage = ({ data }) => this.texts.add(String(data))
    this.closed = new Promise(resolve => {
      socket.onclose = ({ code, reason }) => {
        this.texts.end(`the socket was closed with ${code} ${reason}`)
        resolve({ code, reason })
      }
    })
  }

  /** Connects, whatever comes then. */
  static open(port: number, { key = 'app-key', prefix = '', origin, tls = false }: ConnectOptions = {}): Client {
    const url = `${tls ? 'wss' : 'ws'}://127.0.0.1:${port}${prefix}/app/${key}?protocol=7&client=js&version=8.4.0`
    const headers = origin === undefined ? {} : { Origin: origin }
    return new Client(
      new WebSocket(url, { headers, ...(tls ? { tls: { rejectUnauthorized: false } } : {}) } as unknown as string),
    )
  }

  /** Connects and takes the greeting. */
  static async greeted(port: number, options: ConnectOptions = {}): Promise<Client> {
    const client = Client.open(port, options)
    const { event, data } = await client.next()
    if (event !== 'pusher:connection_established') throw new Error(`greeted with ${event}: ${data}`)
    client.socketId = (JSON.parse(data as string) as { socket_id: string }).socket_id
    return client
  }

  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  nextText(): Promise<string> {
    return this.texts.next()
  }

  async next(): Promise<Frame> {
    return JSON.parse(await this.texts.next()) as Frame
  }

  /** Everything up to the answer to a ping: what the server had to say of all that came before. */
  async untilPong(): Promise<Frame[]> {
    this.send(ping)
    const frames: Frame[] = []
    for (;;) {
      const frame = await this.next()
      if (frame.event === 'pusher:pong') return frames
      frames.push(frame)
    }
  }

  /** @throws when anything but the answer to a ping comes */
  async nothingMore(): Promise<void> {
    const frames = await this.untilPong()
    if (frames.length > 0) throw new Error(`nothing was to come, but ${JSON.stringify(frames)} did`)
  }

  /** What has come and was not taken. */
  rest(): Frame[] {
    return this.texts.rest().map(text => JSON.parse(text) as Frame)
  }

  /** Subscribes, signed when the channel's name asks for it, and takes the answer. */
  async subscribe(channel: string, options: { app?: Credentials; member?: object } = {}): Promise<Frame> {
    this.sendSubscribe(channel, options)
    const frame = await this.next()
    if (frame.event !== 'pusher_internal:subscription_succeeded') throw new Error(`refused: ${JSON.stringify(frame)}`)
    return frame
  }

  sendSubscribe(channel: string, { app, member }: { app?: Credentials; member?: object } = {}): void {
    const channelData = member === undefined ? undefined : JSON.stringify(member)
    const auth = app === undefined ? undefined : channelAuth(app, this.socketId, channel, channelData)
    this.send({ event: 'pusher:subscribe', data: { channel, auth, channel_data: channelData } })
  }

  unsubscribe(channel: string): void {
    this.send({ event: 'pusher:unsubscribe', data: { channel } })
  }

  close(): void {
    this.socket.close()
  }
}
