/** A tiny run of what needs nothing installed: that it measures at all, and that it sees what goes wrong. */
import { beforeAll, describe, expect, test } from 'bun:test'
import { isFaultless } from '../load/tally.ts'
import { playStage } from '../rounds.ts'
import { fanOutStage } from '../scenarios/fan-out.ts'
import { stage as idleMemory } from '../scenarios/idle-memory.ts'
import { stage as latency } from '../scenarios/latency.ts'
import { stage as manyChannels } from '../scenarios/many-channels.ts'
import { stage as posts } from '../scenarios/posts.ts'
import { stage as presenceJoin } from '../scenarios/presence-join.ts'
import { stage as reconnectStorm } from '../scenarios/reconnect-storm.ts'
import type { Stage } from '../scenarios/scenario.ts'
import { stage as subscribeStorm } from '../scenarios/subscribe-storm.ts'
import { stage as whispers } from '../scenarios/whispers.ts'
import { bare } from '../targets/bare.ts'
import { revurb } from '../targets/revurb.ts'
import type { Target } from '../targets/target.ts'
import { type Meddle, relayed } from './support/relay.ts'

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

/** @returns what became of it in each cell */
async function played(stage: Stage, target: Target) {
  const lines = await playStage(stage, [target], mode, () => {})
  return lines.map(({ entries }) => entries[target.id]!)
}

const stages: Record<string, Stage> = {
  'fan-out': fanOutStage(5, [100, 200], [1, 3]),
  'fan-out of large events': fanOutStage(5, [4096], [3]),
  'many channels': manyChannels(20, 10, 4),
  'signed POSTs': posts(2),
  whispers: whispers(3, 4),
  latency: latency({ listeners: 3, rates: [100], longest: 1 }),
  'a subscribe storm': subscribeStorm(20),
  'presence joins': presenceJoin(20),
  'idle memory': idleMemory(20),
  'a reconnect storm': reconnectStorm(20),
}

describe.skipIf(cannotRun).each([bare, revurb])('$name', target => {
  test.each(Object.keys(stages))('does %s without a fault', async name => {
    let isMeasured = false
    // A turn takes 20 ms. On a busy machine a server may get no time in it, and then there is nothing to measure.
    while (!isMeasured) {
      const entries = await played(stages[name]!, target)
      for (const { samples, failed } of entries) {
        expect(failed).toBeUndefined()
        expect(samples).toHaveLength(1)
      }
      isMeasured = name === 'latency' || entries.every(({ samples }) => (samples[0]!.value ?? 0) > 0)
    }
  })
})

describe.skipIf(cannotRun)('what is not as it should be', () => {
  const meddledWith = (meddle: Meddle): Target => ({ ...bare, start: async () => relayed(await bare.start(), meddle) })
  /** The greeting and the answer to the subscription come first. */
  const third = 2

  test('a frame that never comes', async () => {
    const [entry] = await played(
      fanOutStage(3, [100], [1]),
      meddledWith(index => (index === third + 2 ? 0 : 1)),
    )
    expect(entry!.samples[0]!.faults).toEqual({ missing: 1, repeated: 0, skipped: 1 })
    // What is missing is waited for.
  }, 20_000)

  test('a frame that comes twice', async () => {
    const [entry] = await played(
      fanOutStage(3, [100], [1]),
      meddledWith(index => (index === third + 2 ? 2 : 1)),
    )
    expect(entry!.samples[0]!.faults).toEqual({ missing: 0, repeated: 1, skipped: 0 })
  })

  test('nothing else is seen by the relay', async () => {
    const [entry] = await played(
      fanOutStage(3, [4096], [1]),
      meddledWith(() => 1),
    )
    expect(isFaultless(entry!.samples[0]!.faults)).toBe(true)
  })
})
