/** The process of a client that subscribes to very many channels, below the rate at which a client is closed, and disconnects. */
import type { Socket } from 'bun'
import { type Address, upgrade } from 'revurb-bench/load/client.ts'
import { FrameSplitter, textFrame } from 'revurb-bench/load/frames.ts'
import { handleOrders, settings } from '../child.ts'
import { everySoOften } from '../probe/schedule.ts'

export type NamesSettings = {
  readonly at: Address
  readonly count: number
  readonly characters: number
  readonly perSecond: number
}
/** `seconds`: after which it disconnects. */
export type NamesOrder = { readonly seconds: number }
export type NamesReport = { readonly subscribed: number; readonly isRefused: boolean }

const { at, count, characters, perSecond } = settings<NamesSettings>()

class Names {
  readonly greeted = Promise.withResolvers<void>()
  subscribed = 0
  isRefused = false
  private isUpgraded = false
  private readonly frames = new FrameSplitter((bytes, start, length) =>
    this.answer(bytes.toString('latin1', start, start + length)),
  )

  take(chunk: Buffer): void {
    // The answer to the handshake is one piece, with or without the greeting behind it.
    const start = this.isUpgraded ? 0 : chunk.indexOf('\r\n\r\n') + 4
    this.isUpgraded = true
    this.frames.push(chunk.subarray(start))
  }

  private answer(text: string): void {
    if (text.includes('connection_established')) this.greeted.resolve()
    else if (text.includes('subscription_succeeded')) this.subscribed++
    else if (text.includes('pusher:error')) this.isRefused = true
  }
}

handleOrders<NamesOrder, NamesReport>(async ({ seconds }) => {
  const names = new Names()
  const socket = await connected(names)
  const end = Bun.sleep(seconds * 1000)
  await everySoOften({ perSecond, seconds: Math.min(seconds, count / perSecond) }, (_, number) => {
    // It stops at the first refusal: what refusals cost is another measurement.
    if (!names.isRefused) socket.write(subscription(number))
  })
  await end
  socket.terminate()
  const { subscribed, isRefused } = names
  return { subscribed, isRefused }
})

async function connected(names: Names): Promise<Socket> {
  const socket = await Bun.connect({
    hostname: at.host,
    port: at.port,
    socket: { data: (_, chunk) => names.take(chunk), error() {} },
  })
  socket.write(upgrade)
  await names.greeted.promise
  return socket
}

function subscription(number: number): Buffer {
  const channel = `${number}-`.padEnd(characters, 'x')
  return textFrame(JSON.stringify({ event: 'pusher:subscribe', data: { channel } }))
}
