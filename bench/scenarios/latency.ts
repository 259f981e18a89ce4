/** How late events are, by how many there are. */

import { Crowd } from '../load/crowd.ts'
import { openLoop } from '../load/open-loop.ts'
import { RequestWriter } from '../load/requests.ts'
import { noFaults } from '../load/tally.ts'
import { percentile } from '../report/statistics.ts'
import type { Server } from '../targets/target.ts'
import { openSession } from './open-session.ts'
import type { Run, Sample, Scenario, SideBySide } from './scenario.ts'
import { busy, look } from './steady.ts'
import { warmUp } from './warm.ts'

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
      : [stage({ listeners, rates: [160, usualGoalRate, 640, 1280, 2560, 5120, 10_240], longest: 2 })],
}

type Ladder = {
  readonly listeners: number
  /** Events a second, rising. */
  readonly rates: readonly number[]
  /** How much longer than in other scenarios a measurement may be: percentiles need many events. */
  readonly longest: number
}

export function stage({ listeners, rates, longest }: Ladder): SideBySide {
  return {
    sockets: listeners + 64,
    cells: rates.map(rate => ({ 'events/s': rate })),
    open: (target, mode) =>
      openSession(target, async (server, stack) => {
        await warmUp(server, mode)
        const crowd = stack.use(await Crowd.subscribed({ size: listeners, at: server.at, channels: () => [channel] }))
        return async cell => run(server, crowd, rates[cell]!, longest)
      }),
  }
}

/** Each turn is a loop of its own, which ends when everything has come. */
function run(server: Server, crowd: Crowd, perSecond: number, longest: number): Run {
  return {
    async turn(seconds) {
      const before = look(server)
      const result = await openLoop({
        at: server.at,
        perSecond,
        seconds: seconds * Math.min(longest, Math.max(1.5, 2000 / perSecond)),
        audience: crowd.clients.length,
        writer: new RequestWriter(channel, bytes),
        listen: tally => crowd.listen(() => tally.ear()),
      })
      return { ...sampleOf(result), busy: busy(before, look(server)) }
    },
    settled: async () => {},
    end: async () => noFaults,
  }
}

function sampleOf({ latencies, keptUp, deliveriesPerSecond, faults }: Awaited<ReturnType<typeof openLoop>>): Sample {
  return { ...(keptUp ? { value: percentile(latencies, 0.99) } : {}), latencies, details: { deliveriesPerSecond }, faults }
}
