import { expect, test } from 'bun:test'
import type { Counters } from '../../src/cluster/counters.ts'
import { LossReport } from '../../src/server/loss-report.ts'

const none: Counters = { forged: 0, unsupported: 0, malformed: 0, replayed: 0, dropped: 0 }

/** A report, and what it has reported. */
function recorded() {
  const reported: Counters[] = []
  return { losses: new LossReport(counters => void reported.push(counters)), reported }
}

test('where nothing is lost, nothing is reported', () => {
  const { losses, reported } = recorded()
  losses.tick(none, 0)
  losses.tick(none, 60_000)
  losses.end(none)
  expect(reported).toEqual([])
})

test.each(Object.keys(none))('a message that is counted as %s is reported at once, and once', kind => {
  const { losses, reported } = recorded()
  const counters = { ...none, [kind]: 1 }
  losses.tick(counters, 1000)
  losses.tick(counters, 61_000)
  losses.end(counters)
  expect(reported).toEqual([counters])
})

test('what is lost within a minute of a report is reported after that minute, with the counts since the start', () => {
  const { losses, reported } = recorded()
  losses.tick({ ...none, dropped: 1 }, 0)
  losses.tick({ ...none, dropped: 2 }, 59_999)
  expect(reported).toHaveLength(1)
  losses.tick({ ...none, dropped: 3 }, 60_000)
  expect(reported[1]).toEqual({ ...none, dropped: 3 })
})

test('what is not reported yet is reported at the end', () => {
  const { losses, reported } = recorded()
  losses.tick({ ...none, forged: 1 }, 0)
  losses.end({ ...none, forged: 2 })
  expect(reported.map(({ forged }) => forged)).toEqual([1, 2])
})
