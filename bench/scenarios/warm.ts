/** Servers run for days: what they do in their first second, while their code is still being compiled, is not what is asked. */

import { Publishers } from '../load/publishers.ts'
import { RequestWriter } from '../load/requests.ts'
import { Tally } from '../load/tally.ts'
import type { Server } from '../targets/target.ts'
import type { Mode } from './scenario.ts'

const enoughPosts = 20_000

/** Publishes to an empty channel for a while. */
export async function warmUp({ at }: Server, { warmUpSeconds }: Mode): Promise<void> {
  const request = new RequestWriter('empty', 100).write(0, 1)
  const until = performance.now() + warmUpSeconds * 1000
  const goesOn = () => crier.sent < enoughPosts && performance.now() < until
  using crier = new Publishers({ at, count: 16, audience: 0, tally: new Tally(1), next: () => (goesOn() ? request : undefined) })
  crier.go()
  while (goesOn()) await crier.race(Bun.sleep(10))
  await crier.end()
}
