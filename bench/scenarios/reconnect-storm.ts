/** A server is killed and started again, and all its clients reconnect. */
import { ClientPool } from '../load/client-pool.ts'
import type { Target } from '../targets/target.ts'
import { checkDelivery } from './check-delivery.ts'
import { type OneByOne, type Sample, type Scenario, withServer } from './scenario.ts'
import { throughput, usageOf } from './throughput.ts'

const channel = 'news'

export const reconnectStorm: Scenario = {
  id: 'reconnect-storm',
  title: 'Reconnect storm',
  text: 'The server is killed and started again, and its clients reconnect, 128 at a time. Seconds from the kill until the last client is subscribed. Then one event is delivered to all of them.',
  unit: 's',
  better: 'less',
  stages: mode => (mode === 'quick' ? [{ ...stage(500), maxRounds: 1 }] : [stage(500), stage(5000)]),
}

export function stage(clients: number): OneByOne {
  return { sockets: clients + 1, workloads: [{ clients }], round: target => round(target, clients) }
}

async function round(target: Target, clients: number): Promise<Sample[]> {
  const connected = await withServer(target, ({ at }) => ClientPool.subscribed({ size: clients, at, channels: () => [channel] }))
  const killedAtMs = performance.now()
  connected[Symbol.dispose]()
  return withServer(target, async server => {
    const before = usageOf(server)
    using pool = await ClientPool.subscribed({ size: clients, at: server.at, channels: () => [channel] })
    const { cpuUs, busy } = throughput(before, usageOf(server, clients))
    const value = (performance.now() - killedAtMs) / 1000
    return [{ value, cpuUs, busy, faults: await checkDelivery(server, pool, channel) }]
  })
}
