/** Clients that talk to each other. */
import { arrived } from '../load/arrival.ts'
import { Client } from '../load/client.ts'
import { Crowd } from '../load/crowd.ts'
import { textFrame } from '../load/frames.ts'
import { mark } from '../load/mark.ts'
import { Tally } from '../load/tally.ts'
import { type Scenario, type Stage, withServer } from './scenario.ts'
import { steady } from './steady.ts'

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

export function stage(listeners: number, underWay: number): Stage {
  return {
    sockets: listeners + 1,
    cells: [{ listeners, 'under way': underWay }],
    round: (contestant, { seconds, warmUpSeconds }) =>
      withServer(contestant, async server => {
        const { at } = server
        const tally = new Tally(1)
        using _crowd = await Crowd.subscribed({ size: listeners, at, channels: () => [channel], ear: () => tally.ear() })
        const client = await Client.subscribed({ at: at[0]!, channels: [channel] })
        const whisperer = new Whisperer(client, tally, { listeners, underWay })
        whisperer.go()
        const speed = await steady(server, seconds, () => tally.received, warmUpSeconds)
        whisperer.isEnding = true
        const faults = await arrived(tally, whisperer.sent * listeners)
        client.cut()
        return [{ ...speed, faults }]
      }),
  }
}

class Whisperer {
  sent = 0
  isEnding = false

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

  private frame(): Buffer {
    const data = { text: mark(0, ++this.sent) + padding }
    return textFrame(JSON.stringify({ event: 'client-typing', channel, data }))
  }
}
