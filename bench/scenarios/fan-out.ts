/** One channel with many subscribers. */
import { ClientPool } from '../load/client-pool.ts'
import { Publishers } from '../load/publishers.ts'
import { RequestWriter } from '../load/requests.ts'
import { Tally } from '../load/tally.ts'
import type { Server } from '../targets/target.ts'
import { openSession } from './open-session.ts'
import type { ModeName, Run, Scenario, SideBySide } from './scenario.ts'
import { publishingRun } from './throughput.ts'
import { warmUp } from './warm-up.ts'

const channel = 'news'

export const fanOut: Scenario = {
  id: 'fan-out',
  title: 'Fan-out',
  text: 'Publishers send signed events to one channel in a closed loop: each waits for its response, and for subscribers that are too far behind.',
  unit: 'deliveries/s',
  better: 'more',
  stages,
}

function stages(mode: ModeName): SideBySide[] {
  const publishers = [1, 8, 64]
  if (mode === 'quick') return [fanOutStage(100, [100], [8]), fanOutStage(1000, [100], publishers)]
  const all = (subscribers: number) => fanOutStage(subscribers, [100, 4096], publishers)
  return [all(100), all(1000), { ...all(5000), maxRounds: 3 }]
}

export function fanOutStage(subscribers: number, sizes: readonly number[], publishers: readonly number[]): SideBySide {
  const workloads = sizes.flatMap(bytes => publishers.map(count => ({ subscribers, bytes, publishers: count })))
  return {
    sockets: subscribers + Math.max(...publishers),
    workloads,
    open: (target, mode) =>
      openSession(target, async (server, stack) => {
        await warmUp(server, mode)
        const pool = stack.use(await ClientPool.subscribed({ size: subscribers, at: server.at, channels: () => [channel] }))
        return workload => run(server, stack, pool, workloads[workload]!)
      }),
  }
}

type FanOut = { readonly bytes: number; readonly publishers: number }

function run(server: Server, stack: AsyncDisposableStack, pool: ClientPool, { bytes, publishers: count }: FanOut): Promise<Run> {
  const tally = new Tally(count)
  const writer = new RequestWriter(channel, bytes)
  const numbers = new Uint32Array(count)
  pool.listen(() => tally.receiver())
  const publishers = new Publishers({
    at: server.at,
    count,
    audience: pool.clients.length,
    tally,
    next: publisher => writer.write(publisher, ++numbers[publisher]!),
  })
  return publishingRun(server, stack, publishers, () => tally.received)
}
