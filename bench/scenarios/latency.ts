/** How late events are, by how many there are. */

import type { Contestant } from '../contestants/contestant.ts'
import { Crowd } from '../load/crowd.ts'
import { openLoop } from '../load/open-loop.ts'
import { RequestWriter } from '../load/requests.ts'
import { percentile } from '../report/statistics.ts'
import type { Mode, Sample, Scenario, Stage } from './scenario.ts'
import { busy, look } from './steady.ts'
import { withWarmServer } from './warm.ts'

const channel = 'news'
const listeners = 100
const bytes = 100

/** About half of what Laravel Reverb could do with so many listeners, where that was first measured. */
export const usualGoalRate = 320

export const latency: Scenario = {
  id: 'latency',
  title: 'Latency at fixed rates',
  text: `Signed events of ${bytes} bytes to ${listeners} subscribers at a fixed rate, whatever the server does. Latency counts from the moment at which an event was to be sent to its arrival, for every delivery. A server that falls behind a rate is not asked for higher ones.`,
  unit: 'ms p99',
  better: 'less',
  stages: mode =>
    mode === 'quick'
      ? [stage({ listeners, rates: [usualGoalRate, 640], longest: 1.5 })]
      : [stage({ listeners, rates: [160, usualGoalRate, 640, 1280, 2560, 5120, 10_240], longest: 3 })],
}

type Ladder = {
  readonly listeners: number
  /** Events a second, rising. */
  readonly rates: readonly number[]
  /** How much longer than in other scenarios a measurement may be: percentiles need many events. */
  readonly longest: number
}

export function stage(ladder: Ladder): Stage {
  return {
    sockets: ladder.listeners + 64,
    cells: ladder.rates.map(rate => ({ 'events/s': rate })),
    round: (contestant, mode) => climb(contestant, mode, ladder),
  }
}

async function climb(contestant: Contestant, mode: Mode, { listeners, rates, longest }: Ladder): Promise<Sample[]> {
  return withWarmServer(contestant, mode, async server => {
    const { at } = server
    using crowd = await Crowd.subscribed({ size: listeners, at, channels: () => [channel] })
    const samples: Sample[] = []
    for (const perSecond of rates) {
      const before = look(server)
      const result = await openLoop({
        at,
        perSecond,
        seconds: mode.seconds * Math.min(longest, Math.max(1.5, 2000 / perSecond)),
        audience: listeners,
        writer: new RequestWriter(channel, bytes),
        listen: tally => crowd.listen(() => tally.ear()),
      })
      samples.push({ ...sampleOf(result), busy: busy(before, look(server)) })
      if (!result.keptUp) break
    }
    return samples
  })
}

function sampleOf({ latencies, keptUp, deliveriesPerSecond, faults }: Awaited<ReturnType<typeof openLoop>>): Sample {
  return { ...(keptUp ? { value: percentile(latencies, 0.99) } : {}), latencies, details: { deliveriesPerSecond }, faults }
}
