/** Publishing without subscribers. */
import { Publishers } from '../load/publishers.ts'
import { RequestWriter } from '../load/requests.ts'
import { Tally } from '../load/tally.ts'
import type { Server } from '../targets/target.ts'
import { openSession } from './open-session.ts'
import type { Run, Scenario, SideBySide } from './scenario.ts'
import { publishingRun } from './throughput.ts'
import { warmUp } from './warm-up.ts'

export const posts: Scenario = {
  id: 'posts',
  title: 'Signed POSTs',
  text: 'Publishers send signed events of 100 bytes to a channel without subscribers, each waiting for its response.',
  unit: 'posts/s',
  better: 'more',
  stages: () => [stage(16)],
}

export function stage(publishers: number): SideBySide {
  return {
    sockets: publishers,
    workloads: [{ publishers }],
    open: (target, mode) =>
      openSession(target, async (server, stack) => {
        await warmUp(server, mode)
        return () => run(server, stack, publishers)
      }),
  }
}

function run(server: Server, stack: AsyncDisposableStack, count: number): Promise<Run> {
  // The same request each time, because writing a new one costs the load generator as much as answering it costs the server.
  const request = new RequestWriter('empty', 100).write(0, 1)
  const publishers = new Publishers({ at: server.at, count, audience: 0, tally: new Tally(1), next: () => request })
  return publishingRun(server, stack, publishers, () => publishers.answered)
}
