/**
 * What a second server brings. Each has the same share of the servers' core, and Redis and the clients have the other core, so
 * that the servers are what limits.
 */

import { undoing } from '../machine/clean-up.ts'
import { hasQuotas, limitEach } from '../machine/quota.ts'
import { startRedis } from '../targets/redis.ts'
import { startRevurb } from '../targets/revurb.ts'
import type { Server, Target } from '../targets/target.ts'
import { fanOutStage } from './fan-out.ts'
import { oneByOne } from './open-session.ts'
import type { OneByOne, Scenario } from './scenario.ts'

const share = 0.25

export const twoNodes: Scenario = {
  id: 'two-nodes',
  title: 'Two servers over Redis',
  text: `Fan-out, with publishers and subscribers spread over the servers. Each server has ${share * 100} % of a core, scaling is enabled also for the one that is alone.`,
  unit: 'deliveries/s',
  better: 'more',
  stages: mode => (mode === 'quick' ? [stage(1000, 1)] : [stage(200, 3), stage(1000, 5)]),
  targets: [nodes(1, 'one server'), nodes(2, 'two servers')],
  lack,
}

function lack(): string | undefined {
  if (Bun.which('redis-server') === null) return 'there is no redis-server (apt-get install redis-server)'
  return hasQuotas() ? undefined : 'it needs control groups that this user may write'
}

/** They can do several times as much once their code is compiled, which a share of a core has no time for. */
const paceSeconds = 3

function stage(audience: number, maxRounds: number): OneByOne {
  return { ...oneByOne(fanOutStage(audience, [100], [64]), paceSeconds), maxRounds }
}

function nodes(count: number, name: string): Target {
  return {
    id: `nodes-${count}`,
    name,
    maxSockets: Number.POSITIVE_INFINITY,
    version: () => 'as above',
    start: () => started(count),
  }
}

async function started(count: number): Promise<Server> {
  await using stack = new AsyncDisposableStack()
  const redis = stack.use(await startRedis())
  const scaling = { enabled: true, secret: 's', server: redis.at[0] }
  const servers: Server[] = []
  let free = () => {}
  // Behind the servers when they end, as a group of processes goes only when it is empty.
  stack.defer(undoing(() => free()))
  for (let i = 0; i < count; i++) servers.push(stack.use(await startRevurb(scaling)))
  const pids = servers.flatMap(({ pids }) => pids)
  free = limitEach(pids, share)
  const kept = stack.move()
  return { at: takeTurns(servers), pids, dependencies: redis.pids, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** An address of each, then the next one of each: so clients are spread evenly. */
function takeTurns(servers: readonly Server[]): Server['at'] {
  return servers[0]!.at.flatMap((_, i) => servers.map(({ at }) => at[i]!))
}
