/** Many channels, few on each. */

import { Crowd } from '../load/crowd.ts'
import { Publishers } from '../load/publishers.ts'
import { RequestWriter } from '../load/requests.ts'
import { Tally } from '../load/tally.ts'
import type { Server } from '../targets/target.ts'
import { openSession } from './open-session.ts'
import type { Run, Scenario, SideBySide } from './scenario.ts'
import { publishing } from './steady.ts'
import { warmUp } from './warm.ts'

const bytes = 100
const perChannel = 10

export const manyChannels: Scenario = {
  id: 'many-channels',
  title: 'Many channels',
  text: `Publishers send signed events of ${bytes} bytes, each to channels of its own in turn. Every channel has ${perChannel} subscribers, every socket is on many channels.`,
  unit: 'deliveries/s',
  better: 'more',
  stages: mode => (mode === 'quick' ? [{ ...stage(1000, 500, 64), maxRounds: 1 }] : [stage(1000, 500, 64)]),
}

export function stage(channels: number, sockets: number, publishers: number): SideBySide {
  return {
    sockets: sockets + publishers,
    cells: [{ channels, sockets, publishers }],
    open: (target, mode) =>
      openSession(target, async (server, stack) => {
        await warmUp(server, mode)
        const { at } = server
        const names = (socket: number) => channelsOf(socket, channels, sockets)
        const crowd = stack.use(await Crowd.subscribed({ size: sockets, at, channels: names }))
        return () => run(server, stack, crowd, { channels, publishers })
      }),
  }
}

type ManyChannels = { readonly channels: number; readonly publishers: number }

function run(
  server: Server,
  stack: AsyncDisposableStack,
  crowd: Crowd,
  { channels, publishers: count }: ManyChannels,
): Promise<Run> {
  const tally = new Tally(channels)
  const writers = Array.from({ length: channels }, (_, i) => new RequestWriter(nameOf(i), bytes))
  const numbers = new Uint32Array(channels)
  const turns = Uint32Array.from({ length: count }, (_, i) => i)
  crowd.listen(() => tally.ear())
  const publishers = new Publishers({
    at: server.at,
    count,
    audience: perChannel,
    tally,
    next(publisher) {
      const channel = turns[publisher]!
      turns[publisher] = channel + count < channels ? channel + count : publisher
      return writers[channel]!.write(channel, ++numbers[channel]!)
    },
  })
  return publishing(server, stack, publishers, () => tally.received)
}

/** Spread so that every channel has as many as any other. */
function channelsOf(socket: number, channels: number, sockets: number): string[] {
  const each = (channels * perChannel) / sockets
  return Array.from({ length: each }, (_, i) => nameOf((socket * each + i) % channels))
}

/** All names are of one length, and with them all frames. */
function nameOf(channel: number): string {
  return `room-${String(channel).padStart(4, '0')}`
}
