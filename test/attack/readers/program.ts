/** The process of clients of one channel that stop reading, and read again. */
import type { Socket } from 'bun'
import { type Address, upgrade } from 'revurb-bench/load/client.ts'
import { textFrame } from 'revurb-bench/load/frames.ts'
import { handleOrders, settings } from '../child.ts'

export type ReaderSettings = { readonly at: Address; readonly channel: string; readonly count: number }
export type ReaderOrder = { readonly reads: boolean }
/** `closed`: connections that the server has ended. */
export type ReaderReport = { readonly closed: number }

const { at, channel, count } = settings<ReaderSettings>()
const subscribe = textFrame(JSON.stringify({ event: 'pusher:subscribe', data: { channel } }))
/** How long the end of a connection may take to be read behind what came before it. */
const quietMs = 500
let closed = 0
let progress = 0

class Reader {
  readonly ready = Promise.withResolvers<void>()
  private head = ''
  private isGreeted = false
  private isReady = false

  take(socket: Socket<Reader>, chunk: Buffer): void {
    progress++
    if (this.isReady) return
    this.head += chunk.toString('latin1')
    if (!this.isGreeted && this.head.includes('pusher:connection_established')) {
      this.isGreeted = true
      socket.write(subscribe)
    }
    if (!this.head.includes('subscription_succeeded')) return
    this.isReady = true
    this.head = ''
    this.ready.resolve()
  }
}

const readers = Promise.all(
  Array.from({ length: count }, async () => {
    const { host, port } = at
    const data = new Reader()
    const socket = await Bun.connect<Reader>({
      hostname: host,
      port,
      data,
      socket: {
        data: (socket, chunk) => socket.data.take(socket, chunk),
        close: () => {
          closed++
          progress++
        },
        error: () => {},
      },
    })
    socket.write(upgrade)
    await data.ready.promise
    return socket
  }),
)

handleOrders<ReaderOrder, ReaderReport>(async ({ reads }) => {
  for (const socket of await readers) {
    if (reads) socket.resume()
    else socket.pause()
  }
  if (reads) await quiet()
  return { closed }
})

/** Resolves when nothing has come for a while. */
async function quiet(): Promise<void> {
  for (let seen = -1; seen !== progress; ) {
    seen = progress
    await Bun.sleep(quietMs)
  }
}
