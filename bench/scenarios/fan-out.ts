/** One channel, many who listen. */
import type { Server } from '../contestants/contestant.ts'
import { Crowd } from '../load/crowd.ts'
import { Publishers } from '../load/publishers.ts'
import { RequestWriter } from '../load/requests.ts'
import { Tally } from '../load/tally.ts'
import type { ModeName, Sample, Scenario, Stage } from './scenario.ts'
import { steady } from './steady.ts'
import { withWarmServer } from './warm.ts'

const channel = 'news'

export const fanOut: Scenario = {
  id: 'fan-out',
  title: 'Fan-out',
  text: 'Publishers send signed events to one channel, each waiting for its answer, and for listeners that are too far behind.',
  unit: 'deliveries/s',
  better: 'more',
  stages,
}

function stages(mode: ModeName): Stage[] {
  const publishers = [1, 8, 64]
  if (mode === 'quick') return [fanOutStage(100, [100], [8]), fanOutStage(1000, [100], publishers)]
  const all = (subscribers: number) => fanOutStage(subscribers, [100, 4096], publishers)
  return [all(100), all(1000), { ...all(5000), maxRounds: 3 }]
}

export function fanOutStage(subscribers: number, sizes: readonly number[], publishers: readonly number[]): Stage {
  const cells = sizes.flatMap(bytes => publishers.map(count => ({ subscribers, bytes, publishers: count })))
  return {
    sockets: subscribers + Math.max(...publishers),
    cells,
    round: (contestant, mode) =>
      withWarmServer(contestant, mode, async server => {
        using crowd = await Crowd.subscribed({ size: subscribers, at: server.at, channels: () => [channel] })
        const samples: Sample[] = []
        for (const { bytes, publishers } of cells)
          samples.push(await measure(server, crowd, { count: publishers, bytes, seconds: mode.seconds }))
        return samples
      }),
  }
}

type Measure = { readonly count: number; readonly bytes: number; readonly seconds: number }

async function measure(server: Server, crowd: Crowd, { count, bytes, seconds }: Measure): Promise<Sample> {
  const tally = new Tally(count)
  const audience = crowd.clients.length
  const writer = new RequestWriter(channel, bytes)
  const numbers = new Uint32Array(count)
  crowd.listen(() => tally.ear())
  using publishers = new Publishers({
    at: server.at,
    count,
    audience,
    tally,
    next: publisher => writer.write(publisher, ++numbers[publisher]!),
  })
  publishers.go()
  const speed = await publishers.race(steady(server, seconds, () => tally.received))
  return { ...speed, faults: await publishers.end() }
}
