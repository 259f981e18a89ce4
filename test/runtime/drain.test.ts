import { describe, expect, test } from 'bun:test'
import { drain } from '../../src/runtime/drain.ts'

type Situation = {
  sockets: number
  /** How often it has a successor when asked; always by default. */
  successor?: number
  /** How often it is busy when asked. */
  busy?: number
}

/** A server that records the calls of a drain. */
function drainable({ sockets, successor = Number.POSITIVE_INFINITY, busy = 0 }: Situation) {
  const calls: string[] = []
  const server = {
    disableKeepAlive: () => void calls.push('disableKeepAlive'),
    stopAccepting: () => void calls.push('stopAccepting'),
    openSockets: () => sockets,
    hasSuccessor: () => successor-- > 0,
    closeOldest(count: number) {
      calls.push(`close ${count}`)
      const closed = Math.min(sockets, count)
      sockets -= closed
      return closed
    },
    isBusy: () => busy-- > 0,
    stop: () => Promise.resolve(void calls.push('stop')),
  }
  const sleep = (ms: number) => Promise.resolve(calls.push(`sleep ${ms}`))
  return { calls, run: (seconds: number) => drain(server, seconds, sleep, moved => void calls.push(`moved ${moved}`)) }
}

const times = (count: number, ...what: string[]) => Array.from({ length: count }, () => what).flat()

describe('a drain without a successor', () => {
  /** Publishers are answered with Connection: close first, while the server accepts connections. */
  const begin = ['disableKeepAlive', 'sleep 100', 'stopAccepting']

  test.each([0, 100_000])('serves %i clients until it closes all of them at once', async sockets => {
    const { calls, run } = drainable({ sockets, successor: 0 })
    await run(10)
    expect(calls).toEqual([...begin, 'stop'])
  })

  test('answers requests that have begun before it ends', async () => {
    const { calls, run } = drainable({ sockets: 1, successor: 0, busy: 2 })
    await run(10)
    expect(calls).toEqual([...begin, 'sleep 5', 'sleep 5', 'stop'])
  })

  test('waits 300 ms at most for requests and slow clients', async () => {
    const { calls, run } = drainable({ sockets: 1, successor: 0, busy: Number.POSITIVE_INFINITY })
    await run(10)
    expect(calls).toEqual([...begin, ...times(60, 'sleep 5'), 'stop'])
  })
})

describe('a drain with a successor', () => {
  /** Publishers are answered with Connection: close first, while the server accepts connections. */
  const begin = ['disableKeepAlive', 'sleep 500']
  const wave = (count: number) => ['stopAccepting', `close ${count}`, 'sleep 100']

  test('stops at once where no client is connected', async () => {
    const { calls, run } = drainable({ sockets: 0 })
    await run(10)
    expect(calls).toEqual([...begin, 'moved 0', 'stopAccepting', 'stop'])
  })

  test('closes the clients of a small server in one wave', async () => {
    const { calls, run } = drainable({ sockets: 100 })
    await run(10)
    expect(calls).toEqual([...begin, ...wave(100), 'moved 100', 'stopAccepting', 'stop'])
  })

  test('closes those of a large server in as many waves as fit into the time', async () => {
    const { calls, run } = drainable({ sockets: 100_000 })
    await run(10)
    expect(calls).toEqual([...begin, ...times(100, ...wave(1000)), 'moved 100000', 'stopAccepting', 'stop'])
  })

  test('closes all clients at once where it may take no time', async () => {
    const { calls, run } = drainable({ sockets: 5000 })
    await run(0)
    expect(calls).toEqual(['disableKeepAlive', ...wave(5000), 'moved 5000', 'stopAccepting', 'stop'])
  })

  test('sends no more clients to a successor that stops as well', async () => {
    const { calls, run } = drainable({ sockets: 100_000, successor: 3 })
    await run(10)
    expect(calls).toEqual([...begin, ...times(2, ...wave(1000)), 'moved 2000', 'stopAccepting', 'stop'])
  })
})
