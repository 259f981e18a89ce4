/** Clients that cost next to nothing, so that the servers are what is measured: bytes are counted, nothing is parsed. */
import type { Socket } from 'bun'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='

/** Subscribers of one public channel, on one server. */
export class Subscribers implements Disposable {
  /** Of everything that came after the subscriptions. */
  bytes = 0
  private readonly sockets: Socket<undefined>[] = []

  static async on(port: number, count: number, app: string, channel: string): Promise<Subscribers> {
    const subscribers = new Subscribers()
    for (let i = 0; i < count; i++) await subscribers.add(port, app, channel)
    return subscribers
  }

  private async add(port: number, app: string, channel: string): Promise<void> {
    const subscribed = Promise.withResolvers<void>()
    let greeting: string | undefined = ''
    const data = (socket: Socket<undefined>, chunk: Buffer) => {
      if (greeting === undefined) {
        this.bytes += chunk.length
        return
      }
      const isGreeted = greeting.includes('connection_established')
      greeting += chunk.toString('latin1')
      if (!isGreeted && greeting.includes('connection_established'))
        socket.write(frame(JSON.stringify({ event: 'pusher:subscribe', data: { channel } })))
      if (!greeting.includes('subscription_succeeded')) return
      greeting = undefined
      subscribed.resolve()
    }
    const error = (_: unknown, reason: Error) => subscribed.reject(reason)
    const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data, error } })
    socket.write(
      `GET /app/${app} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    )
    await subscribed.promise
    this.sockets.push(socket)
  }

  [Symbol.dispose](): void {
    for (const socket of this.sockets) socket.terminate()
  }
}

/** A masked text frame, with the mask 0. */
function frame(text: string): Uint8Array {
  const payload = Buffer.from(text)
  if (payload.length > 125) throw new Error('too long for a short frame')
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload])
}

/** One keep-alive connection that sends the same request again as soon as it is answered, until it is told to stop. */
export async function publisher(port: number, request: string, goesOn: () => boolean): Promise<number> {
  const done = Promise.withResolvers<number>()
  let answers = 0
  const data = (socket: Socket<undefined>, chunk: Buffer) => {
    if (!chunk.toString('latin1').startsWith('HTTP/1.1 200')) return done.reject(new Error(chunk.toString()))
    answers++
    if (goesOn()) return void socket.write(request)
    socket.end()
    done.resolve(answers)
  }
  const error = (_: unknown, reason: Error) => done.reject(reason)
  const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data, error } })
  socket.write(request)
  return done.promise
}
