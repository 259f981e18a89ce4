/** Publishes to an empty channel, so that a server's hot code is compiled before it is measured, as in a server that runs for days. */
import { Publishers } from '../load/publishers.ts'
import { RequestWriter } from '../load/requests.ts'
import { Tally } from '../load/tally.ts'
import type { Server } from '../targets/target.ts'
import type { Mode } from './scenario.ts'

const maxPosts = 20_000

export async function warmUp({ at }: Server, { warmUpSeconds }: Mode): Promise<void> {
  const request = new RequestWriter('empty', 100).write(0, 1)
  const until = performance.now() + warmUpSeconds * 1000
  const isWarmingUp = () => publishers.sent < maxPosts && performance.now() < until
  const next = () => (isWarmingUp() ? request : undefined)
  using publishers = new Publishers({ at, count: 16, audience: 0, tally: new Tally(1), next })
  publishers.start()
  while (isWarmingUp()) await publishers.orFailure(Bun.sleep(10))
  await publishers.finish()
}
