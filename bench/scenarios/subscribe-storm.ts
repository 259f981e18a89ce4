/** Many clients connect and subscribe at once. */
import { ClientPool } from '../load/client-pool.ts'
import { checkDelivery } from './check-delivery.ts'
import { type OneByOne, type Scenario, withServer } from './scenario.ts'
import { throughput, usageOf } from './throughput.ts'

const channel = 'news'

export const subscribeStorm: Scenario = {
  id: 'subscribe-storm',
  title: 'Subscribe storm',
  text: 'Clients connect and subscribe to one public channel, 128 at a time. Then one event is delivered to all of them.',
  unit: 'subscriptions/s',
  better: 'more',
  stages: mode => [mode === 'quick' ? { ...stage(2000), maxRounds: 1 } : stage(10_000)],
}

export function stage(clients: number): OneByOne {
  return {
    sockets: clients + 1,
    workloads: [{ clients }],
    round: target =>
      withServer(target, async server => {
        const before = usageOf(server)
        using pool = await ClientPool.subscribed({ size: clients, at: server.at, channels: () => [channel] })
        const after = usageOf(server, clients)
        return [{ ...throughput(before, after), faults: await checkDelivery(server, pool, channel) }]
      }),
  }
}
