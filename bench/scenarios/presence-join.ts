/** A presence channel fills: everybody is told who is there, and everybody there is told of everybody who comes. */
import { arrived } from '../load/arrival.ts'
import { Crowd } from '../load/crowd.ts'
import { mark } from '../load/mark.ts'
import { RollCall } from '../load/roll-call.ts'
import { type OneByOne, type Scenario, withServer } from './scenario.ts'
import { look, speed } from './steady.ts'

const channel = 'presence-room'

export const presenceJoin: Scenario = {
  id: 'presence-join',
  title: 'Presence channel',
  text: 'Clients connect and join one presence channel, 128 at a time. Each is sent the list of all members, and all members are told of each; time ends with the last frame.',
  unit: 'joins/s',
  better: 'more',
  stages: mode => (mode === 'quick' ? [{ ...stage(500), maxRounds: 1 }] : [stage(500), { ...stage(5000), maxRounds: 3 }]),
}

export function stage(members: number): OneByOne {
  return {
    sockets: members,
    cells: [{ members }],
    round: target =>
      withServer(target, async server => {
        const calls = new RollCall(members)
        const before = look(server)
        using _crowd = await Crowd.subscribed({
          size: members,
          at: server.at,
          channels: () => [channel],
          member: index => mark(0, index + 1),
          ear: () => calls.ear(),
        })
        const faults = await arrived(calls, (members * (members - 1)) / 2)
        return [{ ...speed(before, look(server, members)), faults }]
      }),
  }
}
