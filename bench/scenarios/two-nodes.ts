/**
 * The throughput of two servers that scale over Redis, beside one. Each is limited to the same share of the servers' core, and Redis
 * and the load generator run on the other core, so that the servers are the bottleneck.
 */
import { registerCleanUp } from '../machine/clean-up.ts'
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
  text: `Fan-out, with publishers and subscribers spread over the servers. Each server is limited to ${share * 100} % of a core. Scaling is enabled for the single server too.`,
  unit: 'deliveries/s',
  better: 'more',
  stages: mode => (mode === 'quick' ? [stage(1000, 1)] : [stage(200, 3), stage(1000, 5)]),
  targets: [nodes(1, 'one server'), nodes(2, 'two servers')],
  unavailable,
}

function unavailable(): string | undefined {
  if (Bun.which('redis-server') === null) return 'there is no redis-server (apt-get install redis-server)'
  return hasQuotas() ? undefined : 'it needs control groups that this user may write'
}

/** A server does several times as much once its hot code is compiled, which takes long with a share of a core. */
const warmUpSeconds = 3

function stage(subscribers: number, maxRounds: number): OneByOne {
  return { ...oneByOne(fanOutStage(subscribers, [100], [64]), warmUpSeconds), maxRounds }
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
  let removeLimits = () => {}
  // Disposed of after the servers, because a control group can be removed only when it is empty.
  stack.defer(registerCleanUp(() => removeLimits()))
  for (let i = 0; i < count; i++) servers.push(stack.use(await startRevurb(scaling)))
  const pids = servers.flatMap(({ pids }) => pids)
  removeLimits = limitEach(pids, share)
  const kept = stack.move()
  return { at: interleave(servers), pids, dependencies: redis.pids, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** One address of each server, then the next of each, so that clients are spread evenly. */
function interleave(servers: readonly Server[]): Server['at'] {
  return servers[0]!.at.flatMap((_, i) => servers.map(({ at }) => at[i]!))
}
