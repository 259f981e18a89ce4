import { describe, expect, test } from 'bun:test'
import { TimedOut } from '../load/deliveries.ts'
import { noFaults } from '../load/tally.ts'
import { descriptors } from '../machine/process.ts'
import { typical } from '../report/results.ts'
import { runStage } from '../rounds.ts'
import type { OneByOne, Run, Sample, SideBySide, Stage } from '../scenarios/scenario.ts'
import type { Target } from '../targets/target.ts'
import { sample } from './support/results.ts'

const mode = { name: 'quick', rounds: 3, seconds: 1, turns: 2, warmUpSeconds: 0 } as const

function target(id: string, maxSockets = 100): Target {
  const start = () => Promise.reject(new Error('it is not started in these tests'))
  return { id, name: id, maxSockets, version: () => '1', start }
}

function stage(round: (id: string) => Sample[], sockets = 10): OneByOne {
  return { sockets, workloads: [{ rate: 1 }, { rate: 2 }], round: async ({ id }) => round(id) }
}

async function play(played: Stage, ...targets: Target[]) {
  const announced: string[] = []
  const lines = await runStage(played, targets, mode, what => announced.push(what))
  return { lines, announced }
}

describe('a stage in which one server is measured after the other', () => {
  test('starts each round with another server', async () => {
    const { lines, announced } = await play(
      stage(() => [sample(1), sample(2)]),
      target('a'),
      target('b'),
    )
    expect(announced.map(what => what.at(-1))).toEqual(['a', 'b', 'b', 'a', 'a', 'b'])
    expect(lines.map(({ workload, entries }) => [workload.rate, entries.a!.samples.length, typical(entries.b!)])).toEqual([
      [1, 3, 1],
      [2, 3, 2],
    ])
  })

  test('leaves out a server that cannot hold that many sockets', async () => {
    const { lines } = await play(
      stage(() => [sample(1), sample(1)], 50),
      target('a', 20),
    )
    expect(lines[0]!.entries.a).toEqual({ samples: [], leftOut: 'holds no more than 20 sockets' })
  })

  test('leaves out what needs more descriptors than the process has', async () => {
    const { lines } = await play(
      stage(() => [sample(1)], 1e9),
      target('a', 1e10),
    )
    expect(lines[0]!.entries.a!.leftOut).toStartWith('needs 1000000000 descriptors')
  })

  test('ends for a server that fails, and keeps its error', async () => {
    let rounds = 0
    const fails = stage(() => {
      rounds++
      throw new Error('it has ended')
    })
    const { lines } = await play(fails, target('a'))
    expect([rounds, lines[0]!.entries.a!.failed]).toEqual([1, 'it has ended'])
  })

  test('leaves out a server that is too slow, without a failure', async () => {
    const slow = stage(() => {
      throw new TimedOut('not within 60 s')
    })
    const { lines } = await play(slow, target('a'))
    expect(lines[0]!.entries.a).toEqual({ samples: [], leftOut: 'not within 60 s' })
  })

  test('leaves out the workloads after one with which a server did not keep up', async () => {
    const { lines } = await play(
      stage(() => [sample(undefined)]),
      target('a'),
    )
    expect(lines[1]!.entries.a).toEqual({ samples: [], leftOut: 'cannot keep up' })
  })
})

describe('a stage side by side', () => {
  /** A stage, and what is done in it in order. @param turn the sample of a server under a workload */
  function recordedStage(turn: (id: string, workload: number) => Sample, sockets = 10) {
    const done: string[] = []
    const run = (id: string, workload: number): Run => ({
      async turn(seconds) {
        done.push(`${id}${workload} ${seconds}`)
        return turn(id, workload)
      },
      settled: async () => {},
      async end() {
        done.push(`${id}${workload} ends`)
        return noFaults
      },
    })
    const played: SideBySide = {
      sockets,
      workloads: [{ rate: 1 }, { rate: 2 }],
      maxRounds: 1,
      async open({ id }) {
        done.push(`${id} starts`)
        const stop = async () => void done.push(`${id} stops`)
        return { server: { pids: [] }, begin: async workload => run(id, workload), [Symbol.asyncDispose]: stop }
      },
    }
    return { played, done }
  }

  test('has all servers up at once, which take turns under each workload', async () => {
    const { played, done } = recordedStage(() => sample(1))
    const { lines, announced } = await play(played, target('a'), target('b'))
    const workload = (i: number) => [`a${i} 0.5`, `b${i} 0.5`, `b${i} 0.5`, `a${i} 0.5`, `a${i} ends`, `b${i} ends`]
    expect(done).toEqual(['a starts', 'b starts', ...workload(0), ...workload(1), 'b stops', 'a stops'])
    expect(lines.map(({ entries }) => [entries.a!.samples, entries.b!.samples])).toEqual([
      [[sample(1)], [sample(1)]],
      [[sample(1)], [sample(1)]],
    ])
    expect(announced).toEqual([
      'round 1/1 · starting all servers',
      '1 rate · round 1/1 · side by side',
      '2 rate · round 1/1 · side by side',
    ])
  })

  test('continues without a server that fails', async () => {
    const { played, done } = recordedStage((id, workload) => {
      if (id === 'a' && workload === 1) throw new Error('it has ended')
      return sample(1)
    })
    const { lines } = await play(played, target('a'), target('b'))
    expect(lines.map(({ entries }) => [entries.a!.failed, entries.b!.samples.length])).toEqual([
      ['it has ended', 1],
      ['it has ended', 1],
    ])
    expect(done.filter(what => what.startsWith('a1'))).toEqual(['a1 0.5'])
  })

  test('continues without a server that does not start', async () => {
    const { played } = recordedStage(() => sample(1))
    const open: SideBySide['open'] = ({ id }, mode) =>
      id === 'a' ? Promise.reject(new TimedOut('not within 30 s')) : played.open(target(id), mode)
    const { lines } = await play({ ...played, open }, target('a'), target('b'))
    expect(lines.map(({ entries }) => [entries.a!.leftOut, entries.b!.samples.length])).toEqual([
      ['not within 30 s', 1],
      ['not within 30 s', 1],
    ])
  })

  test('leaves out the workloads after one with which a server did not keep up', async () => {
    const { played } = recordedStage(id => sample(id === 'a' ? undefined : 1))
    const { lines } = await play(played, target('a'), target('b'))
    expect(lines[1]!.entries.a).toEqual({ samples: [], leftOut: 'cannot keep up' })
    expect(lines[1]!.entries.b!.samples).toHaveLength(1)
  })

  test('needs descriptors for all servers that can hold the sockets', async () => {
    const half = Math.ceil((descriptors() - 200) / 2) + 1
    const { played } = recordedStage(() => sample(1), half)
    const [big, small] = [target('a', 1e9), target('b', 10)]
    expect((await play(played, big, small)).lines[0]!.entries.a!.samples).toHaveLength(1)
    const { lines } = await play(played, big, target('b', 1e9))
    expect(lines[0]!.entries.a!.leftOut).toStartWith(`needs ${2 * half} descriptors`)
  })
})
