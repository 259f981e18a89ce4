/** Members join a presence channel: each is sent the member list, and each `member_added` is broadcast to those who joined before. */

import { ClientPool } from '../load/client-pool.ts'
import { awaitDeliveries } from '../load/deliveries.ts'
import { mark } from '../load/mark.ts'
import { MemberTally } from '../load/member-tally.ts'
import { type OneByOne, type Scenario, withServer } from './scenario.ts'
import { throughput, usageOf } from './throughput.ts'

const channel = 'presence-room'

export const presenceJoin: Scenario = {
  id: 'presence-join',
  title: 'Presence channel',
  text: 'Clients connect and join one presence channel, 128 at a time. Each is sent the member list, and its member_added is broadcast to all other members. The time ends with the last frame.',
  unit: 'joins/s',
  better: 'more',
  stages: mode => (mode === 'quick' ? [{ ...stage(500), maxRounds: 1 }] : [stage(500), { ...stage(5000), maxRounds: 3 }]),
}

export function stage(members: number): OneByOne {
  return {
    sockets: members,
    workloads: [{ members }],
    round: target =>
      withServer(target, async server => {
        const tally = new MemberTally(members)
        const before = usageOf(server)
        using _pool = await ClientPool.subscribed({
          size: members,
          at: server.at,
          channels: () => [channel],
          member: index => mark(0, index + 1),
          onFrame: () => tally.receiver(),
        })
        const faults = await awaitDeliveries(tally, (members * (members - 1)) / 2)
        return [{ ...throughput(before, usageOf(server, members)), faults }]
      }),
  }
}
