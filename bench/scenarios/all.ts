/** Every scenario, in the order of the tables. */
import { fanOut } from './fan-out.ts'
import { idleMemory } from './idle-memory.ts'
import { latency } from './latency.ts'
import { manyChannels } from './many-channels.ts'
import { posts } from './posts.ts'
import { presenceJoin } from './presence-join.ts'
import { reconnectStorm } from './reconnect-storm.ts'
import type { Scenario } from './scenario.ts'
import { subscribeStorm } from './subscribe-storm.ts'
import { twoNodes } from './two-nodes.ts'
import { whispers } from './whispers.ts'

export const scenarios: readonly Scenario[] = [
  fanOut,
  manyChannels,
  posts,
  whispers,
  latency,
  subscribeStorm,
  presenceJoin,
  idleMemory,
  reconnectStorm,
  twoNodes,
]
