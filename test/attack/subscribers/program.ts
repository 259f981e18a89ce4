/** The process of the subscribers of one channel that keep up: how many events each has received, and whether once and in order. */
import { type Address, Client } from 'revurb-bench/load/client.ts'
import { type Faults, Tally } from 'revurb-bench/load/tally.ts'
import { handleOrders, settings } from '../child.ts'

export type SubscribersSettings = {
  readonly at: readonly Address[]
  readonly channel: string
  readonly streams: number
}

/** What one subscriber has received. */
export type SubscriberReport = Faults & {
  readonly received: number
  /** Number of the last event of each stream. */
  readonly last: readonly number[]
}

const { at, channel, streams } = settings<SubscribersSettings>()
const subscribers = Promise.all(
  at.map(async at => {
    const last = Array.from({ length: streams }, () => 0)
    const tally = new Tally(streams, (stream, number) => {
      last[stream] = number
    })
    await Client.subscribed({ at, channels: [channel] }, tally.receiver())
    return { tally, last }
  }),
)

handleOrders<object, SubscriberReport[]>(async () =>
  (await subscribers).map(({ tally, last }) => {
    const published = last.reduce((sum, number) => sum + number, 0)
    return { ...tally.faults(published), received: tally.received, last }
  }),
)
