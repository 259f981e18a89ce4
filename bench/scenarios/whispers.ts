/** Clients that talk to each other. */

import { arrived } from '../load/arrival.ts'
import { Client } from '../load/client.ts'
import { Crowd } from '../load/crowd.ts'
import { textFrame } from '../load/frames.ts'
import { mark } from '../load/mark.ts'
import { type Faults, Tally } from '../load/tally.ts'
import type { Server } from '../targets/target.ts'
import { openSession } from './open-session.ts'
import type { Run, Scenario, SideBySide } from './scenario.ts'
import { steadyRun } from './steady.ts'

const channel = 'private-room'
const padding = 'x'.repeat(80)

export const whispers: Scenario = {
  id: 'whispers',
  title: 'Whispers',
  text: 'One client sends client events of 100 bytes on a private channel; the next one leaves when an earlier one has come everywhere.',
  unit: 'deliveries/s',
  better: 'more',
  stages: () => [stage(100, 16)],
}

export function stage(listeners: number, underWay: number): SideBySide {
  return {
    sockets: listeners + 1,
    cells: [{ listeners, 'under way': underWay }],
    open: (target, mode) =>
      openSession(target, async (server, stack) => {
        const { at } = server
        const crowd = stack.use(await Crowd.subscribed({ size: listeners, at, channels: () => [channel] }))
        const client = await Client.subscribed({ at: at[0]!, channels: [channel] })
        stack.defer(() => client.cut())
        return () => run(server, client, crowd, underWay, mode.warmUpSeconds)
      }),
  }
}

function run(server: Server, client: Client, crowd: Crowd, underWay: number, warmUpSeconds: number): Promise<Run> {
  const tally = new Tally(1)
  crowd.listen(() => tally.ear())
  const whisperer = new Whisperer(client, tally, { listeners: crowd.clients.length, underWay })
  whisperer.go()
  return steadyRun(server, whisperer, () => tally.received, warmUpSeconds)
}

class Whisperer {
  private sent = 0
  private isEnding = false

  constructor(
    private readonly client: Client,
    private readonly tally: Tally,
    private readonly size: { readonly listeners: number; readonly underWay: number },
  ) {}

  /** All that may leave does, in one write. */
  go(): void {
    const { listeners, underWay } = this.size
    const frames: Buffer[] = []
    while (!this.isEnding && this.sent - this.tally.received / listeners < underWay) frames.push(this.frame())
    if (frames.length > 0) this.client.send(Buffer.concat(frames))
    if (!this.isEnding) this.tally.whenReceived((this.sent - underWay + 1) * listeners, () => this.go())
  }

  /** A frame that cannot be sent throws where it is sent; nothing fails later. */
  race<T>(promise: Promise<T>): Promise<T> {
    return promise
  }

  end(): Promise<Faults> {
    this.isEnding = true
    return arrived(this.tally, this.sent * this.size.listeners)
  }

  private frame(): Buffer {
    const data = { text: mark(0, ++this.sent) + padding }
    return textFrame(JSON.stringify({ event: 'client-typing', channel, data }))
  }
}
