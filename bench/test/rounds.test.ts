import { describe, expect, test } from 'bun:test'
import { TooSlow } from '../load/arrival.ts'
import { noFaults } from '../load/tally.ts'
import { descriptors } from '../machine/process.ts'
import { typical } from '../report/results.ts'
import { playStage } from '../rounds.ts'
import type { OneByOne, Run, Sample, SideBySide, Stage } from '../scenarios/scenario.ts'
import type { Target } from '../targets/target.ts'
import { sample } from './support/results.ts'

const mode = { name: 'quick', rounds: 3, seconds: 1, turns: 2, warmUpSeconds: 0 } as const

function target(id: string, maxSockets = 100): Target {
  const start = () => Promise.reject(new Error('nobody starts it'))
  return { id, name: id, maxSockets, version: () => '1', start }
}

function stage(round: (id: string) => Sample[], sockets = 10): OneByOne {
  return { sockets, cells: [{ rate: 1 }, { rate: 2 }], round: async ({ id }) => round(id) }
}

async function play(played: Stage, ...targets: Target[]) {
  const announced: string[] = []
  const lines = await playStage(played, targets, mode, what => announced.push(what))
  return { lines, announced }
}

describe('a stage in which one comes after the other', () => {
  test('is played in turns, from another one on in each round', async () => {
    const { lines, announced } = await play(
      stage(() => [sample(1), sample(2)]),
      target('a'),
      target('b'),
    )
    expect(announced.map(what => what.at(-1))).toEqual(['a', 'b', 'b', 'a', 'a', 'b'])
    expect(lines.map(({ cell, entries }) => [cell.rate, entries.a!.samples.length, typical(entries.b!)])).toEqual([
      [1, 3, 1],
      [2, 3, 2],
    ])
  })

  test('leaves out whoever cannot hold so many', async () => {
    const { lines } = await play(
      stage(() => [sample(1), sample(1)], 50),
      target('a', 20),
    )
    expect(lines[0]!.entries.a).toEqual({ samples: [], leftOut: 'holds no more than 20 sockets' })
  })

  test('leaves out what the machine cannot hold', async () => {
    const { lines } = await play(
      stage(() => [sample(1)], 1e9),
      target('a', 1e10),
    )
    expect(lines[0]!.entries.a!.leftOut).toStartWith('needs 1000000000 descriptors')
  })

  test('is over for whoever fails, with what it said', async () => {
    let rounds = 0
    const fails = stage(() => {
      rounds++
      throw new Error('it has ended')
    })
    const { lines } = await play(fails, target('a'))
    expect([rounds, lines[0]!.entries.a!.failed]).toEqual([1, 'it has ended'])
  })

  test('is no failure for whoever is too slow', async () => {
    const slow = stage(() => {
      throw new TooSlow('not within 60 s')
    })
    const { lines } = await play(slow, target('a'))
    expect(lines[0]!.entries.a).toEqual({ samples: [], leftOut: 'not within 60 s' })
  })

  test('does not ask for a cell after one that was too much', async () => {
    const { lines } = await play(
      stage(() => [sample(undefined)]),
      target('a'),
    )
    expect(lines[1]!.entries.a).toEqual({ samples: [], leftOut: 'cannot keep up' })
  })
})

describe('a stage side by side', () => {
  /** What is done, in order. @param turn of a target in a cell */
  function raced(turn: (id: string, cell: number) => Sample, sockets = 10) {
    const done: string[] = []
    const run = (id: string, cell: number): Run => ({
      async turn(seconds) {
        done.push(`${id}${cell} ${seconds}`)
        return turn(id, cell)
      },
      settled: async () => {},
      async end() {
        done.push(`${id}${cell} ends`)
        return noFaults
      },
    })
    const played: SideBySide = {
      sockets,
      cells: [{ rate: 1 }, { rate: 2 }],
      maxRounds: 1,
      async open({ id }) {
        done.push(`${id} comes`)
        const leave = async () => void done.push(`${id} goes`)
        return { server: { pids: [] }, begin: async cell => run(id, cell), [Symbol.asyncDispose]: leave }
      },
    }
    return { played, done }
  }

  test('has all there at once, who take turns in each cell', async () => {
    const { played, done } = raced(() => sample(1))
    const { lines, announced } = await play(played, target('a'), target('b'))
    const cell = (i: number) => [`a${i} 0.5`, `b${i} 0.5`, `b${i} 0.5`, `a${i} 0.5`, `a${i} ends`, `b${i} ends`]
    expect(done).toEqual(['a comes', 'b comes', ...cell(0), ...cell(1), 'b goes', 'a goes'])
    expect(lines.map(({ entries }) => [entries.a!.samples, entries.b!.samples])).toEqual([
      [[sample(1)], [sample(1)]],
      [[sample(1)], [sample(1)]],
    ])
    expect(announced).toEqual([
      'round 1/1 · everybody comes',
      '1 rate · round 1/1 · side by side',
      '2 rate · round 1/1 · side by side',
    ])
  })

  test('goes on without whoever fails', async () => {
    const { played, done } = raced((id, cell) => {
      if (id === 'a' && cell === 1) throw new Error('it has ended')
      return sample(1)
    })
    const { lines } = await play(played, target('a'), target('b'))
    expect(lines.map(({ entries }) => [entries.a!.failed, entries.b!.samples.length])).toEqual([
      ['it has ended', 1],
      ['it has ended', 1],
    ])
    expect(done.filter(what => what.startsWith('a1'))).toEqual(['a1 0.5'])
  })

  test('goes on without whoever cannot come', async () => {
    const { played } = raced(() => sample(1))
    const open: SideBySide['open'] = ({ id }, mode) =>
      id === 'a' ? Promise.reject(new TooSlow('not within 30 s')) : played.open(target(id), mode)
    const { lines } = await play({ ...played, open }, target('a'), target('b'))
    expect(lines.map(({ entries }) => [entries.a!.leftOut, entries.b!.samples.length])).toEqual([
      ['not within 30 s', 1],
      ['not within 30 s', 1],
    ])
  })

  test('does not ask for a cell after one that was too much', async () => {
    const { played } = raced(id => sample(id === 'a' ? undefined : 1))
    const { lines } = await play(played, target('a'), target('b'))
    expect(lines[1]!.entries.a).toEqual({ samples: [], leftOut: 'cannot keep up' })
    expect(lines[1]!.entries.b!.samples).toHaveLength(1)
  })

  test('needs descriptors for all who can come', async () => {
    const half = Math.ceil((descriptors() - 200) / 2) + 1
    const { played } = raced(() => sample(1), half)
    const [big, small] = [target('a', 1e9), target('b', 10)]
    expect((await play(played, big, small)).lines[0]!.entries.a!.samples).toHaveLength(1)
    const { lines } = await play(played, big, target('b', 1e9))
    expect(lines[0]!.entries.a!.leftOut).toStartWith(`needs ${2 * half} descriptors`)
  })
})
