/** Publishing, and nothing else. */
import { Publishers } from '../load/publishers.ts'
import { RequestWriter } from '../load/requests.ts'
import { noFaults, Tally } from '../load/tally.ts'
import type { Scenario, Stage } from './scenario.ts'
import { steady } from './steady.ts'
import { withWarmServer } from './warm.ts'

export const posts: Scenario = {
  id: 'posts',
  title: 'Signed POSTs',
  text: 'Publishers send signed events of 100 bytes to a channel where nobody is, each waiting for its answer.',
  unit: 'posts/s',
  better: 'more',
  stages: () => [stage(16)],
}

export function stage(publishers: number): Stage {
  return {
    sockets: publishers,
    cells: [{ publishers }],
    round: (contestant, mode) =>
      withWarmServer(contestant, mode, async server => {
        const { at } = server
        // One request for all: to write a new one costs about as much as to answer it.
        const request = new RequestWriter('empty', 100).write(0, 1)
        using crier = new Publishers({ at, count: publishers, audience: 0, tally: new Tally(1), next: () => request })
        crier.go()
        const speed = await crier.race(steady(server, mode.seconds, () => crier.answered))
        await crier.end()
        return [{ ...speed, faults: { ...noFaults, missing: crier.sent - crier.answered } }]
      }),
  }
}
