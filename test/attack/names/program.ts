/** The process of a client that subscribes to very many channels, as fast as the server answers and until one is refused, and disconnects. */
import type { Socket } from 'bun'
import { type Address, upgrade } from '../../../bench/load/client.ts'
import { FrameCutter, textFrame } from '../../../bench/load/frames.ts'
import { carryOut, settings } from '../child.ts'

export type NamesSettings = { readonly at: Address; readonly count: number; readonly characters: number }
/** `seconds`: after which it disconnects. */
export type NamesOrder = { readonly seconds: number }
export type NamesReport = { readonly sent: number; readonly subscribed: number; readonly refused: number }

const { at, count, characters } = settings<NamesSettings>()
/** Subscriptions that are written at once. */
const batch = 100
/** Subscriptions without an answer: a client that does not read would be closed for that. */
const maxUnanswered = 2000

class Names {
  sent = 0
  subscribed = 0
  refused = 0
  private isUpgraded = false
  private pending = Buffer.alloc(0)
  private readonly cutter = new FrameCutter((bytes, start, length) =>
    this.answer(bytes.toString('latin1', start, start + length)),
  )
  private socket: Socket<Names> | undefined

  take(socket: Socket<Names>, chunk: Buffer): void {
    this.socket = socket
    if (this.isUpgraded) return void this.cutter.take(chunk)
    // The answer to the handshake is one piece, with or without the greeting behind it.
    const end = chunk.indexOf('\r\n\r\n')
    this.isUpgraded = true
    this.cutter.take(chunk.subarray(end + 4))
  }

  /** Writes until the kernel has no more room, or too much is unanswered. */
  pump(socket: Socket<Names>): void {
    for (;;) {
      if (this.pending.length > 0) {
        const written = Math.max(0, socket.write(this.pending))
        this.pending = this.pending.subarray(written)
        if (this.pending.length > 0) return
      }
      // Refusals as fast as the server answers would be a flood, which is another measurement.
      if (this.sent === count || this.refused > 0 || this.sent - this.subscribed > maxUnanswered) return
      const size = Math.min(batch, count - this.sent)
      this.pending = Buffer.concat(Array.from({ length: size }, (_, i) => subscription(this.sent + i)))
      this.sent += size
    }
  }

  private answer(text: string): void {
    if (text.includes('subscription_succeeded')) this.subscribed++
    else if (text.includes('pusher:error')) this.refused++
    this.pump(this.socket!)
  }
}

function subscription(number: number): Buffer {
  const channel = `${number}-`.padEnd(characters, 'x')
  return textFrame(JSON.stringify({ event: 'pusher:subscribe', data: { channel } }))
}

carryOut<NamesOrder, NamesReport>(async ({ seconds }) => {
  const names = new Names()
  const socket = await Bun.connect<Names>({
    hostname: at.host,
    port: at.port,
    data: names,
    socket: {
      data: (socket, chunk) => names.take(socket, chunk),
      drain: socket => names.pump(socket),
      error: () => {},
    },
  })
  socket.write(upgrade)
  await Bun.sleep(seconds * 1000)
  socket.terminate()
  const { sent, subscribed, refused } = names
  return { sent, subscribed, refused }
})
