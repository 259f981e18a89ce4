/** The server dies with everybody on it, and is started again. */

import { Crowd } from '../load/crowd.ts'
import type { Target } from '../targets/target.ts'
import { everybodyHears } from './everybody-hears.ts'
import { type OneByOne, type Sample, type Scenario, withServer } from './scenario.ts'
import { look, speed } from './steady.ts'

const channel = 'news'

export const reconnectStorm: Scenario = {
  id: 'reconnect-storm',
  title: 'Reconnect storm',
  text: 'The server is killed with clients on it and started again; they come back, 128 at a time. Seconds from the kill until the last one is subscribed; then one event reaches all of them.',
  unit: 's',
  better: 'less',
  stages: mode => (mode === 'quick' ? [{ ...stage(500), maxRounds: 1 }] : [stage(500), stage(5000)]),
}

export function stage(clients: number): OneByOne {
  return { sockets: clients + 1, cells: [{ clients }], round: target => round(target, clients) }
}

async function round(target: Target, clients: number): Promise<Sample[]> {
  const came = await withServer(target, ({ at }) => Crowd.subscribed({ size: clients, at, channels: () => [channel] }))
  const killed = performance.now()
  came[Symbol.dispose]()
  return withServer(target, async server => {
    const before = look(server)
    using crowd = await Crowd.subscribed({ size: clients, at: server.at, channels: () => [channel] })
    const { cpuUs, busy } = speed(before, look(server, clients))
    const value = (performance.now() - killed) / 1000
    return [{ value, cpuUs, busy, faults: await everybodyHears(server, crowd, channel) }]
  })
}
