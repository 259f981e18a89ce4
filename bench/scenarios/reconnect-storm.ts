/** The server dies with everybody on it, and is started again. */
import type { Contestant } from '../contestants/contestant.ts'
import { Crowd } from '../load/crowd.ts'
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
  return { sockets: clients + 1, cells: [{ clients }], round: contestant => round(contestant, clients) }
}

async function round(contestant: Contestant, clients: number): Promise<Sample[]> {
  const came = await withServer(contestant, ({ at }) => Crowd.subscribed({ size: clients, at, channels: () => [channel] }))
  const killed = performance.now()
  came[Symbol.dispose]()
  return withServer(contestant, async server => {
    const before = look(server)
    using crowd = await Crowd.subscribed({ size: clients, at: server.at, channels: () => [channel] })
    const { cpuUs, busy } = speed(before, look(server, clients))
    const value = (performance.now() - killed) / 1000
    return [{ value, cpuUs, busy, faults: await everybodyHears(server, crowd, channel) }]
  })
}
