import { describe, expect, test } from 'bun:test'
import type { Contestant } from '../../bench/contestants/contestant.ts'
import { TooSlow } from '../../bench/load/arrival.ts'
import { playStage } from '../../bench/rounds.ts'
import type { Sample, Stage } from '../../bench/scenarios/scenario.ts'
import { sample } from './support/results.ts'

const mode = { name: 'quick', rounds: 3, seconds: 1, warmUpSeconds: 0 } as const

function contestant(id: string, maxSockets = 100): Contestant {
  const start = () => Promise.reject(new Error('nobody starts it'))
  return { id, name: id, maxSockets, version: () => '1', start }
}

function stage(round: (id: string) => Sample[], sockets = 10): Stage {
  return { sockets, cells: [{ rate: 1 }, { rate: 2 }], round: async ({ id }) => round(id) }
}

async function play(played: Stage, ...contestants: Contestant[]) {
  const announced: string[] = []
  const lines = await playStage(played, contestants, mode, what => announced.push(what))
  return { lines, announced }
}

describe('a stage', () => {
  test('is played in turns, from another one on in each round', async () => {
    const { lines, announced } = await play(
      stage(() => [sample(1), sample(2)]),
      contestant('a'),
      contestant('b'),
    )
    expect(announced.map(what => what.at(-1))).toEqual(['a', 'b', 'b', 'a', 'a', 'b'])
    expect(lines.map(({ cell, entries }) => [cell.rate, entries.a!.samples.length, entries.b!.summary?.median])).toEqual([
      [1, 3, 1],
      [2, 3, 2],
    ])
  })

  test('leaves out whoever cannot hold so many', async () => {
    const { lines } = await play(
      stage(() => [sample(1), sample(1)], 50),
      contestant('a', 20),
    )
    expect(lines[0]!.entries.a).toEqual({ samples: [], leftOut: 'holds no more than 20 sockets' })
  })

  test('leaves out what the machine cannot hold', async () => {
    const { lines } = await play(
      stage(() => [sample(1)], 1e9),
      contestant('a', 1e10),
    )
    expect(lines[0]!.entries.a!.leftOut).toStartWith('needs 1000000000 descriptors')
  })

  test('is over for whoever fails, with what it said', async () => {
    let rounds = 0
    const fails = stage(() => {
      rounds++
      throw new Error('it has ended')
    })
    const { lines } = await play(fails, contestant('a'))
    expect([rounds, lines[0]!.entries.a!.failed]).toEqual([1, 'it has ended'])
  })

  test('is no failure for whoever is too slow', async () => {
    const slow = stage(() => {
      throw new TooSlow('not within 60 s')
    })
    const { lines } = await play(slow, contestant('a'))
    expect(lines[0]!.entries.a).toEqual({ samples: [], leftOut: 'not within 60 s' })
  })

  test('does not ask for a cell after one that was too much', async () => {
    const { lines } = await play(
      stage(() => [sample(undefined)]),
      contestant('a'),
    )
    expect(lines[1]!.entries.a).toEqual({ samples: [], leftOut: 'cannot keep up' })
  })
})
