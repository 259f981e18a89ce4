/** Tiny runs of the servers that need no installation: every scenario measures them, and faults in deliveries are detected. */
import { beforeAll, describe, expect, test } from 'bun:test'
import { isFaultless } from '../load/tally.ts'
import { runStage } from '../rounds.ts'
import { fanOutStage } from '../scenarios/fan-out.ts'
import { stage as idleMemory } from '../scenarios/idle-memory.ts'
import { stage as latency } from '../scenarios/latency.ts'
import { stage as manyChannels } from '../scenarios/many-channels.ts'
import { oneByOne } from '../scenarios/open-session.ts'
import { stage as posts } from '../scenarios/posts.ts'
import { stage as presenceJoin } from '../scenarios/presence-join.ts'
import { stage as reconnectStorm } from '../scenarios/reconnect-storm.ts'
import type { Stage } from '../scenarios/scenario.ts'
import { stage as subscribeStorm } from '../scenarios/subscribe-storm.ts'
import { twoNodes } from '../scenarios/two-nodes.ts'
import { stage as whispers } from '../scenarios/whispers.ts'
import { bare } from '../targets/bare.ts'
import { revurb } from '../targets/revurb.ts'
import type { Target } from '../targets/target.ts'
import { type Copies, relayed } from './support/relay.ts'

/** Why these tests cannot run on this machine. The reason is printed: a test that is skipped in silence proves nothing. */
const reason =
  navigator.hardwareConcurrency < 2
    ? 'it needs two cores'
    : ['taskset', 'setpriv']
        .filter(program => Bun.which(program) === null)
        .map(program => `there is no ${program} (apt-get install util-linux)`)[0]
const cannotRun = reason !== undefined
if (cannotRun) console.warn(`Skipped: the load tests: ${reason}.`)

const mode = { name: 'quick', rounds: 1, seconds: 0.04, turns: 2, warmUpSeconds: 0.02 } as const

beforeAll(revurb.install!)

/** @returns the entry of each workload */
async function measured(stage: Stage, target: Target) {
  const lines = await runStage(stage, [target], mode, () => {})
  return lines.map(({ entries }) => entries[target.id]!)
}

const stages: Record<string, Stage> = {
  'fan-out': fanOutStage(5, [100, 200], [1, 3]),
  'fan-out of large events': fanOutStage(5, [4096], [3]),
  'many channels': manyChannels(20, 10, 4),
  'signed POSTs': posts(2),
  whispers: whispers(3, 4),
  latency: latency({ subscribers: 3, rates: [100], maxStretch: 1 }),
  'a subscribe storm': subscribeStorm(20),
  'presence joins': presenceJoin(20),
  'idle memory': idleMemory(20),
  'a reconnect storm': reconnectStorm(20),
}

describe.skipIf(cannotRun).each([bare, revurb])('$name', target => {
  test.each(Object.keys(stages))('is measured in %s without a fault', async name => {
    let isMeasured = false
    // A turn takes 20 ms. On a busy machine a server may get no time in it, and then there is nothing to measure.
    while (!isMeasured) {
      const entries = await measured(stages[name]!, target)
      for (const { samples, failed } of entries) {
        expect(failed).toBeUndefined()
        expect(samples).toHaveLength(1)
      }
      isMeasured = name === 'latency' || entries.every(({ samples }) => (samples[0]!.value ?? 0) > 0)
    }
  })
})

const withoutTwoNodes = twoNodes.unavailable?.()
if (withoutTwoNodes !== undefined) console.warn(`Skipped: two servers over Redis: ${withoutTwoNodes}.`)

describe.skipIf(cannotRun || withoutTwoNodes !== undefined).each(twoNodes.targets!)('$name over Redis', target => {
  test('is measured without a fault', async () => {
    const [entry] = await measured(oneByOne(fanOutStage(4, [100], [2]), 0.02), target)
    expect([entry!.failed, entry!.samples.length]).toEqual([undefined, 1])
  })
})

describe.skipIf(cannotRun)('a scenario behind a relay', () => {
  const relayedBare = (copies: Copies): Target => ({ ...bare, start: async () => relayed(await bare.start(), copies) })
  /** Frames 0 and 1 establish the connection and confirm the subscription. */
  const firstEvent = 2

  test('detects a frame that is dropped', async () => {
    const [entry] = await measured(
      fanOutStage(3, [100], [1]),
      relayedBare(index => (index === firstEvent + 2 ? 0 : 1)),
    )
    expect(entry!.samples[0]!.faults).toEqual({ missing: 1, repeated: 0, skipped: 1 })
    // The load generator waits five seconds for the missing frame.
  }, 20_000)

  test('detects a frame that is sent twice', async () => {
    const [entry] = await measured(
      fanOutStage(3, [100], [1]),
      relayedBare(index => (index === firstEvent + 2 ? 2 : 1)),
    )
    expect(entry!.samples[0]!.faults).toEqual({ missing: 0, repeated: 1, skipped: 0 })
  })

  test('has no fault when the relay forwards every frame once', async () => {
    const [entry] = await measured(
      fanOutStage(3, [4096], [1]),
      relayedBare(() => 1),
    )
    expect(isFaultless(entry!.samples[0]!.faults)).toBe(true)
  })
})
