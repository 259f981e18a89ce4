import { describe, expect, test } from 'bun:test'
import { drain } from '../../src/runtime/drain.ts'

/** A server of so many sockets that writes down what is done to it; `goes` says how many of those closed are really gone. */
function pretend(sockets: number, goes: (count: number) => number = count => count) {
  const calls: string[] = []
  const server = {
    askToLeave: () => void calls.push('askToLeave'),
    stopAccepting: () => void calls.push('stopAccepting'),
    openSockets: () => sockets,
    closeSome(count: number) {
      calls.push(`close ${count}`)
      sockets = Math.max(0, sockets - goes(count))
    },
    stop: () => Promise.resolve(void calls.push('stop')),
  }
  const sleep = (ms: number) => Promise.resolve(calls.push(`sleep ${ms}`))
  return { calls, run: (seconds: number) => drain(server, seconds, sleep) }
}

/** Publishers first, while they can still be told. */
const leaving = ['askToLeave', 'sleep 500', 'stopAccepting']
const times = (count: number, ...what: string[]) => Array.from({ length: count }, () => what).flat()

describe('drain', () => {
  test('stops at once where nobody is', async () => {
    const { calls, run } = pretend(0)
    await run(10)
    expect(calls).toEqual([...leaving, 'stop'])
  })

  test('a small server goes in one wave', async () => {
    const { calls, run } = pretend(100)
    await run(10)
    expect(calls).toEqual([...leaving, 'close 100', 'sleep 100', 'stop'])
  })

  test('a large one in as many waves as the time has room for', async () => {
    const { calls, run } = pretend(100_000)
    await run(10)
    expect(calls).toEqual([...leaving, ...times(100, 'close 1000', 'sleep 100'), 'stop'])
  })

  test('without time, all at once', async () => {
    const { calls, run } = pretend(5000)
    await run(0)
    expect(calls).toEqual(['askToLeave', 'stopAccepting', 'close 5000', 'sleep 100', 'stop'])
  })

  test('does not wait for ever for those who do not go', async () => {
    const { calls, run } = pretend(1, () => 0)
    await run(2)
    expect(calls.filter(call => call.startsWith('sleep'))).toHaveLength(31)
    expect(calls.at(-1)).toBe('stop')
  })
})
