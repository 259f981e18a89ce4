#!/usr/bin/env bun
/**
 * Many clients and publishers while the server is restarted repeatedly. Prints one line of JSON: the events published, the
 * faults, the events that clients missed while they were subscribed, their attempts to reconnect, and how long that took.
 * `run.ts [--hand-overs N] [--clients N] [--publishers N]`; the network namespace, with `tcp_migrate_req`, is the caller's.
 */
import { parseArgs } from 'node:util'
import Pusher from 'pusher-js'
import { Daemon } from '../../support/child-process.ts'
import { DeployedApp } from '../../support/deployed-app.ts'
import { until } from '../../support/until.ts'
import { DeliveryCount } from './delivery-count.ts'
import { Publisher } from './publisher.ts'

const { values } = parseArgs({
  options: {
    'hand-overs': { type: 'string', default: '10' },
    clients: { type: 'string', default: '200' },
    publishers: { type: 'string', default: '16' },
  },
})
const numbers = (count: string) => Array.from({ length: Number(count) }, (_, i) => i)
const drainSeconds = 2
/** Events from one hand-over to the next, at least. */
const publishedBetween = 1000

await using app = await DeployedApp.make({ environment: { REVURB_DRAIN_SECONDS: String(drainSeconds) } })
await using server = await Daemon.started(['php', `${app.folder}/artisan`, 'reverb:start'], () => app.isUp())

const reconnectMs: number[] = []
/** The attempts to connect of all clients. */
let attempts = 0
Pusher.log = message => {
  if (message.includes('"Connecting"')) attempts++
}
const deliveries = new DeliveryCount()
const sessions = numbers(values.clients).map(() => deliveries.newSession())
const clients = numbers(values.clients).map(i => {
  const client = new Pusher('app-key', {
    cluster: '',
    wsHost: '127.0.0.1',
    wsPort: app.port,
    forceTLS: false,
    enabledTransports: ['ws'],
  })
  const session = sessions[i]!
  const channel = client.subscribe(`load-${i % Number(values.publishers)}`)
  channel.bind('pusher:subscription_succeeded', () => session.begin())
  channel.bind('load', ({ n }: { n: number }) => session.receive(n))
  let disconnectedAtMs: number | undefined
  client.connection.bind('state_change', ({ current }: { current: string }) => {
    if (current === 'connected') {
      if (disconnectedAtMs !== undefined) reconnectMs.push(performance.now() - disconnectedAtMs)
      disconnectedAtMs = undefined
    } else disconnectedAtMs ??= performance.now()
  })
  return client
})
const connected = () => clients.every(client => client.connection.state === 'connected')
await until('every client is connected', connected)
reconnectMs.length = 0
attempts = 0

const publishers = numbers(values.publishers).map(i => new Publisher(app.port, `load-${i}`))
const publishing = Promise.all(publishers.map(publisher => publisher.run()))
const ready = () => server.output.split('Starting server').length - 1
const published = () => publishers.reduce((sum, publisher) => sum + publisher.published, 0)
for (const i of numbers(values['hand-overs'])) {
  // However slow the machine is, each hand-over happens under load.
  await until('enough has been published meanwhile', () => published() > publishedBetween * (i + 1))
  await app.artisan('reverb:restart')
  await until(`server ${i + 2} is ready`, () => ready() >= i + 2)
  await until('every client has reconnected', () => reconnectMs.length >= clients.length * (i + 1) && connected())
}
for (const publisher of publishers) publisher.stop()
await publishing
for (const session of sessions) session.begin()
for (const client of clients) client.disconnect()

const faults: Record<string, number> = {}
for (const publisher of publishers) {
  for (const [name, count] of publisher.faults) faults[name] = (faults[name] ?? 0) + count
}
const sum = (of: (publisher: Publisher) => number) => publishers.reduce((total, publisher) => total + of(publisher), 0)
console.log(
  JSON.stringify({
    handOvers: Number(values['hand-overs']),
    published: published(),
    connections: sum(({ connections }) => connections),
    faults,
    received: deliveries.received,
    missed: deliveries.missed,
    reconnects: reconnectMs.length,
    attempts,
    longestReconnectMs: Math.round(Math.max(...reconnectMs)),
    drainSeconds,
  }),
)
process.exit(await server.stop())
