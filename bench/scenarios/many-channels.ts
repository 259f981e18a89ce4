/** Many channels, few on each. */
import { Crowd } from '../load/crowd.ts'
import { Publishers } from '../load/publishers.ts'
import { RequestWriter } from '../load/requests.ts'
import { Tally } from '../load/tally.ts'
import type { Scenario, Stage } from './scenario.ts'
import { steady } from './steady.ts'
import { withWarmServer } from './warm.ts'

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

export function stage(channels: number, sockets: number, publishers: number): Stage {
  return {
    sockets: sockets + publishers,
    cells: [{ channels, sockets, publishers }],
    round: (contestant, mode) =>
      withWarmServer(contestant, mode, async server => {
        const { at } = server
        const tally = new Tally(channels)
        using _crowd = await Crowd.subscribed({
          size: sockets,
          at,
          channels: index => channelsOf(index, channels, sockets),
          ear: () => tally.ear(),
        })
        const writers = Array.from({ length: channels }, (_, i) => new RequestWriter(nameOf(i), bytes))
        const numbers = new Uint32Array(channels)
        const turns = Uint32Array.from({ length: publishers }, (_, i) => i)
        using crier = new Publishers({
          at,
          count: publishers,
          audience: perChannel,
          tally,
          next(publisher) {
            const channel = turns[publisher]!
            turns[publisher] = channel + publishers < channels ? channel + publishers : publisher
            return writers[channel]!.write(channel, ++numbers[channel]!)
          },
        })
        crier.go()
        const speed = await crier.race(steady(server, mode.seconds, () => tally.received))
        return [{ ...speed, faults: await crier.end() }]
      }),
  }
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
