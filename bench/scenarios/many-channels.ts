/** Many channels with few subscribers each. */
import { ClientPool } from '../load/client-pool.ts'
import { Publishers } from '../load/publishers.ts'
import { RequestWriter } from '../load/requests.ts'
import { Tally } from '../load/tally.ts'
import type { Server } from '../targets/target.ts'
import { openSession } from './open-session.ts'
import type { Run, Scenario, SideBySide } from './scenario.ts'
import { publishingRun } from './throughput.ts'
import { warmUp } from './warm-up.ts'

const bytes = 100
const perChannel = 10

export const manyChannels: Scenario = {
  id: 'many-channels',
  title: 'Many channels',
  text: `Publishers send signed events of ${bytes} bytes in a closed loop, each to its own channels in turn. Every channel has ${perChannel} subscribers, and every socket subscribes to many channels.`,
  unit: 'deliveries/s',
  better: 'more',
  stages: mode => (mode === 'quick' ? [{ ...stage(1000, 500, 64), maxRounds: 1 }] : [stage(1000, 500, 64)]),
}

export function stage(channels: number, sockets: number, publishers: number): SideBySide {
  return {
    sockets: sockets + publishers,
    workloads: [{ channels, sockets, publishers }],
    open: (target, mode) =>
      openSession(target, async (server, stack) => {
        await warmUp(server, mode)
        const { at } = server
        const names = (socket: number) => channelsOf(socket, channels, sockets)
        const pool = stack.use(await ClientPool.subscribed({ size: sockets, at, channels: names }))
        return () => run(server, stack, pool, { channels, publishers })
      }),
  }
}

type ManyChannels = { readonly channels: number; readonly publishers: number }

function run(
  server: Server,
  stack: AsyncDisposableStack,
  pool: ClientPool,
  { channels, publishers: count }: ManyChannels,
): Promise<Run> {
  const tally = new Tally(channels)
  const writers = Array.from({ length: channels }, (_, i) => new RequestWriter(nameOf(i), bytes))
  const numbers = new Uint32Array(channels)
  const nextChannels = Uint32Array.from({ length: count }, (_, i) => i)
  pool.listen(() => tally.receiver())
  const publishers = new Publishers({
    at: server.at,
    count,
    audience: perChannel,
    tally,
    next(publisher) {
      const channel = nextChannels[publisher]!
      nextChannels[publisher] = channel + count < channels ? channel + count : publisher
      return writers[channel]!.write(channel, ++numbers[channel]!)
    },
  })
  return publishingRun(server, stack, publishers, () => tally.received)
}

/** Spread so that every channel has the same number of subscribers. */
function channelsOf(socket: number, channels: number, sockets: number): string[] {
  const each = (channels * perChannel) / sockets
  return Array.from({ length: each }, (_, i) => nameOf((socket * each + i) % channels))
}

/** All names have the same length, so all frames have it too. */
function nameOf(channel: number): string {
  return `room-${String(channel).padStart(4, '0')}`
}
