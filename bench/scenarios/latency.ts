/** The latency of deliveries at fixed rates of events. */
import { ClientPool } from '../load/client-pool.ts'
import { openLoop } from '../load/open-loop.ts'
import { RequestWriter } from '../load/requests.ts'
import { noFaults } from '../load/tally.ts'
import { percentile } from '../report/statistics.ts'
import type { Server } from '../targets/target.ts'
import { openSession } from './open-session.ts'
import type { Run, Sample, Scenario, SideBySide } from './scenario.ts'
import { busy, usageOf } from './throughput.ts'
import { warmUp } from './warm-up.ts'

const channel = 'news'
const subscribers = 100
const bytes = 100

/** About half of the rate that Laravel Reverb sustained with so many subscribers when it was first measured. */
export const usualGoalRate = 320

export const latency: Scenario = {
  id: 'latency',
  title: 'Latency at fixed rates',
  text: `Signed events of ${bytes} bytes to ${subscribers} subscribers in an open loop, at a fixed rate. Latency counts from the moment at which an event is due until it arrives, for every delivery. A server that does not keep up with a rate is not measured at higher ones.`,
  unit: 'ms p99',
  better: 'less',
  stages: mode =>
    mode === 'quick'
      ? [stage({ subscribers, rates: [usualGoalRate, 640], maxStretch: 1.5 })]
      : [stage({ subscribers, rates: [160, usualGoalRate, 640, 1280, 2560, 5120, 10_240], maxStretch: 2 })],
}

type Rates = {
  readonly subscribers: number
  /** Events per second, ascending. */
  readonly rates: readonly number[]
  /** By how much a measurement may take longer than in other scenarios, as percentiles need many events. */
  readonly maxStretch: number
}

export function stage({ subscribers, rates, maxStretch }: Rates): SideBySide {
  return {
    sockets: subscribers + 64,
    workloads: rates.map(rate => ({ 'events/s': rate })),
    open: (target, mode) =>
      openSession(target, async (server, stack) => {
        await warmUp(server, mode)
        const pool = stack.use(await ClientPool.subscribed({ size: subscribers, at: server.at, channels: () => [channel] }))
        return async workload => run(server, pool, rates[workload]!, maxStretch)
      }),
  }
}

/** Each turn is an open loop of its own, which ends after its last delivery. */
function run(server: Server, pool: ClientPool, perSecond: number, maxStretch: number): Run {
  return {
    async turn(seconds) {
      const before = usageOf(server)
      const result = await openLoop({
        at: server.at,
        perSecond,
        seconds: seconds * Math.min(maxStretch, Math.max(1.5, 2000 / perSecond)),
        audience: pool.clients.length,
        writer: new RequestWriter(channel, bytes),
        listen: tally => pool.listen(() => tally.receiver()),
      })
      return { ...sampleOf(result), busy: busy(before, usageOf(server)) }
    },
    settled: async () => {},
    end: async () => noFaults,
  }
}

function sampleOf({ latencies, keptUp, deliveriesPerSecond, faults }: Awaited<ReturnType<typeof openLoop>>): Sample {
  return { ...(keptUp ? { value: percentile(latencies, 0.99) } : {}), latencies, details: { deliveriesPerSecond }, faults }
}
