/** A WebSocket client that queues the frames it receives until a test takes them. */
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
  /** The id from `connection_established`. */
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

  /** Connects, and leaves the first frame to the test. */
  static open(port: number, { key = 'app-key', prefix = '', origin, tls = false }: ConnectOptions = {}): Client {
    const url = `${tls ? 'wss' : 'ws'}://127.0.0.1:${port}${prefix}/app/${key}?protocol=7&client=js&version=8.4.0`
    const headers = origin === undefined ? {} : { Origin: origin }
    return new Client(
      new WebSocket(url, { headers, ...(tls ? { tls: { rejectUnauthorized: false } } : {}) } as unknown as string),
    )
  }

  /** Connects, and takes `connection_established`. */
  static async connected(port: number, options: ConnectOptions = {}): Promise<Client> {
    const client = Client.open(port, options)
    const { event, data } = await client.next()
    if (event !== 'pusher:connection_established') throw new Error(`${event} instead of connection_established: ${data}`)
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

  /** All frames up to the answer to a ping: the server sends the answers to earlier messages before it. */
  async untilPong(): Promise<Frame[]> {
    this.send(ping)
    const frames: Frame[] = []
    for (;;) {
      const frame = await this.next()
      if (frame.event === 'pusher:pong') return frames
      frames.push(frame)
    }
  }

  /** @throws when a frame arrives before the answer to a ping */
  async nothingMore(): Promise<void> {
    const frames = await this.untilPong()
    if (frames.length > 0) throw new Error(`unexpected frames: ${JSON.stringify(frames)}`)
  }

  /** Takes all frames that have arrived. */
  rest(): Frame[] {
    return this.texts.rest().map(text => JSON.parse(text) as Frame)
  }

  /** Subscribes, signed when an app is given, and takes the answer. */
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
