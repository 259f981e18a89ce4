/** Everybody comes at once. */
import { Crowd } from '../load/crowd.ts'
import { everybodyHears } from './everybody-hears.ts'
import { type OneByOne, type Scenario, withServer } from './scenario.ts'
import { look, speed } from './steady.ts'

const channel = 'news'

export const subscribeStorm: Scenario = {
  id: 'subscribe-storm',
  title: 'Subscribe storm',
  text: 'Clients connect and subscribe to one public channel, 128 at a time; then one event reaches all of them.',
  unit: 'subscriptions/s',
  better: 'more',
  stages: mode => [mode === 'quick' ? { ...stage(2000), maxRounds: 1 } : stage(10_000)],
}

export function stage(clients: number): OneByOne {
  return {
    sockets: clients + 1,
    cells: [{ clients }],
    round: target =>
      withServer(target, async server => {
        const before = look(server)
        using crowd = await Crowd.subscribed({ size: clients, at: server.at, channels: () => [channel] })
        const after = look(server, clients)
        return [{ ...speed(before, after), faults: await everybodyHears(server, crowd, channel) }]
      }),
  }
}
