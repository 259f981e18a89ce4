/** Client events: one client sends, the others receive. */

import { Client } from '../load/client.ts'
import { ClientPool } from '../load/client-pool.ts'
import { awaitDeliveries } from '../load/deliveries.ts'
import { textFrame } from '../load/frames.ts'
import { mark } from '../load/mark.ts'
import { type Faults, Tally } from '../load/tally.ts'
import type { Server } from '../targets/target.ts'
import { openSession } from './open-session.ts'
import type { Run, Scenario, SideBySide } from './scenario.ts'
import { steadyRun } from './throughput.ts'

const channel = 'private-room'
const padding = 'x'.repeat(80)

export const whispers: Scenario = {
  id: 'whispers',
  title: 'Whispers',
  text: 'One client sends client events of 100 bytes on a private channel in a closed loop: the next one is sent when an earlier one has been delivered to all.',
  unit: 'deliveries/s',
  better: 'more',
  stages: () => [stage(100, 16)],
}

export function stage(subscribers: number, inFlight: number): SideBySide {
  return {
    sockets: subscribers + 1,
    workloads: [{ subscribers, 'in flight': inFlight }],
    open: (target, mode) =>
      openSession(target, async (server, stack) => {
        const { at } = server
        const pool = stack.use(await ClientPool.subscribed({ size: subscribers, at, channels: () => [channel] }))
        const client = await Client.subscribed({ at: at[0]!, channels: [channel] })
        stack.defer(() => client.reset())
        return () => run(server, client, pool, inFlight, mode.warmUpSeconds)
      }),
  }
}

function run(server: Server, client: Client, pool: ClientPool, inFlight: number, warmUpSeconds: number): Promise<Run> {
  const tally = new Tally(1)
  pool.listen(() => tally.receiver())
  const whisperer = new Whisperer(client, tally, { subscribers: pool.clients.length, inFlight })
  whisperer.sendWindow()
  return steadyRun(server, whisperer, () => tally.received, warmUpSeconds)
}

class Whisperer {
  private sent = 0
  private isFinishing = false

  constructor(
    private readonly client: Client,
    private readonly tally: Tally,
    private readonly size: { readonly subscribers: number; readonly inFlight: number },
  ) {}

  /** Sends in one write as many events as the window allows. */
  sendWindow(): void {
    const { subscribers, inFlight } = this.size
    const frames: Buffer[] = []
    while (!this.isFinishing && this.sent - this.tally.received / subscribers < inFlight) frames.push(this.frame())
    if (frames.length > 0) this.client.send(Buffer.concat(frames))
    if (!this.isFinishing) this.tally.whenReceived((this.sent - inFlight + 1) * subscribers, () => this.sendWindow())
  }

  /** Sending fails synchronously, so there is no later failure to watch for. */
  orFailure<T>(promise: Promise<T>): Promise<T> {
    return promise
  }

  finish(): Promise<Faults> {
    this.isFinishing = true
    return awaitDeliveries(this.tally, this.sent * this.size.subscribers)
  }

  private frame(): Buffer {
    const data = { text: mark(0, ++this.sent) + padding }
    return textFrame(JSON.stringify({ event: 'client-typing', channel, data }))
  }
}
