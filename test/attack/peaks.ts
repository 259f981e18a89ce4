/** Legitimate peaks: what a working application may do at any time, and no guard may touch. */

import { app } from 'revurb-bench/load/app.ts'
import { Client as CountingClient } from 'revurb-bench/load/client.ts'
import { awaitDeliveries, withTimeout } from 'revurb-bench/load/deliveries.ts'
import { textFrame } from 'revurb-bench/load/frames.ts'
import { mark } from 'revurb-bench/load/mark.ts'
import { RequestWriter } from 'revurb-bench/load/requests.ts'
import { isFaultless, Tally } from 'revurb-bench/load/tally.ts'
import type { Server } from 'revurb-bench/targets/target.ts'
import { Client } from '../support/client.ts'
import { channelAuth } from '../support/sign.ts'
import { Connection } from '../support/tcp.ts'
import { everySoOften } from './probe/schedule.ts'

export type Peak = {
  readonly id: string
  readonly title: string
  /** @returns what was touched, in a sentence each; @throws what cannot be gone on from */
  readonly play: (server: Server) => Promise<string[]>
}

const peakSeconds = 5
const reconnects = 3
const timeoutSeconds = 30

export const peaks: readonly Peak[] = [
  { id: 'publishes', title: '500 publishes a second on one keep-alive connection', play: server => publishes(server, 500) },
  { id: 'client-events', title: '60 client events a second of one socket', play: server => clientEvents(server, 60) },
  ...[1000, 5000].map(count => ({
    id: `subscriptions-${count}`,
    title: `${count.toLocaleString('en')} subscriptions in one turn after a reconnect`,
    play: (server: Server) => subscriptions(server, count),
  })),
]

/** Answers are waited for, as HTTP clients do; a publish that is due meanwhile follows at once. */
async function publishes({ at: [at] }: Server, perSecond: number): Promise<string[]> {
  const tally = new Tally(1)
  const subscriber = await CountingClient.subscribed({ at: at!, channels: ['news'] }, tally.receiver())
  const publisher = await Connection.open(at!.port)
  const writer = new RequestWriter('news', 100)
  const faults = new Set<string>()
  let sent = 0
  let due = 0
  const publish = async () => {
    while (sent < due) {
      publisher.write(writer.write(0, ++sent))
      const { status, headers } = await withTimeout(timeoutSeconds, 'an answer to a publish', publisher.response())
      if (status !== 200) faults.add(`a publish was answered with ${status}`)
      if (headers.get('connection')?.toLowerCase() === 'close') faults.add('a publisher was asked to end its connection')
    }
  }
  let underWay = Promise.resolve()
  await everySoOften({ perSecond, seconds: peakSeconds }, () => {
    due++
    underWay = underWay.then(publish)
  })
  await underWay
  if (!isFaultless(await awaitDeliveries(tally, sent))) faults.add('published events were lost or out of order')
  publisher.destroy()
  subscriber.reset()
  return [...faults]
}

async function clientEvents({ at: [at] }: Server, perSecond: number): Promise<string[]> {
  const channel = 'private-canvas'
  const tally = new Tally(1)
  const faults = new Set<string>()
  const receiver = await CountingClient.subscribed({ at: at!, channels: [channel] }, tally.receiver())
  const sender = await CountingClient.subscribed({ at: at!, channels: [channel] }, (bytes, start, length) =>
    faults.add(`the sender of client events received ${bytes.toString('latin1', start, start + length)}`),
  )
  let sent = 0
  await everySoOften({ perSecond, seconds: peakSeconds }, () => {
    sender.send(textFrame(JSON.stringify({ event: 'client-draw', channel, data: mark(0, ++sent) })))
  })
  if (!isFaultless(await awaitDeliveries(tally, sent))) faults.add('client events were lost or out of order')
  receiver.reset()
  sender.reset()
  return [...faults]
}

/** As pusher-js does after a reconnect: every subscription of the page, one after the other, without waiting for answers. */
async function subscriptions({ at: [at] }: Server, count: number): Promise<string[]> {
  const channels = Array.from({ length: count }, (_, i) => `private-orders.${i}`)
  for (let connection = 1; connection <= reconnects; connection++) {
    const client = await Client.connected(at!.port, { key: app.key })
    for (const channel of channels) {
      client.send({ event: 'pusher:subscribe', data: { channel, auth: channelAuth(app, client.socketId, channel) } })
    }
    const frames = await withTimeout(timeoutSeconds, `the answers to ${count} subscriptions`, client.untilPong())
    const isComplete =
      frames.length === count &&
      frames.every(({ event, channel }, i) => event === 'pusher_internal:subscription_succeeded' && channel === channels[i])
    if (!isComplete) return [`connection ${connection}: ${frames.length} answers, and not a success for each in order`]
    client.close()
    await client.closed
  }
  return []
}
