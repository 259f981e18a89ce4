/** The memory of an idle connection. */
import { ClientPool } from '../load/client-pool.ts'
import { rssBytes } from '../machine/process.ts'
import { checkDelivery } from './check-delivery.ts'
import { type OneByOne, type Scenario, withServer } from './scenario.ts'

const channel = 'news'
/** By then a new process has given back the memory that only its start needed. */
const startedMs = 500
/** Garbage collectors wait a moment before they give back the memory that only the opening handshakes needed. */
const settledMs = 2000

export const idleMemory: Scenario = {
  id: 'idle-memory',
  title: 'Idle memory',
  text: `Resident memory of the server with idle clients, each with one subscription, minus that of the empty server, divided by the clients, ${settledMs / 1000} s after the last one subscribed. Then one event is delivered to all of them.`,
  unit: 'bytes per connection',
  better: 'less',
  stages: mode => (mode === 'quick' ? [{ ...stage(10_000), maxRounds: 1 }] : [900, 10_000, 50_000].map(stage)),
}

export function stage(clients: number): OneByOne {
  return {
    sockets: clients + 1,
    workloads: [{ clients }],
    maxRounds: 3,
    round: target =>
      withServer(target, async server => {
        await Bun.sleep(startedMs)
        const [pid] = server.pids as [number]
        const empty = rssBytes(pid)
        using pool = await ClientPool.subscribed({ size: clients, at: server.at, channels: () => [channel] })
        await Bun.sleep(settledMs)
        const value = (rssBytes(pid) - empty) / clients
        if (value <= 0) throw new Error('the empty server had more memory than the full one: it had not settled')
        return [{ value, details: { emptyMb: empty / 1e6 }, faults: await checkDelivery(server, pool, channel) }]
      }),
  }
}
