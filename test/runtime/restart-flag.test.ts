import { expect, test } from 'bun:test'
import { restartRequest } from '../../src/runtime/restart-flag.ts'

/** What each reading finds, an Error being one that fails. @returns how many readings it took, and the warnings */
async function readings(...found: (string | null | Error)[]): Promise<{ read: number; warnings: unknown[] }> {
  const warnings: unknown[] = []
  const slept: number[] = []
  const left = [...found]
  const read = async () => {
    const next = left.shift()
    if (next instanceof Error) throw next
    return next!
  }
  const log = { warn: (...said: unknown[]) => void warnings.push(said) }
  await restartRequest(read, log, async ms => void slept.push(ms))
  expect(slept).toEqual(slept.map(() => 5000))
  return { read: found.length - left.length, warnings }
}

test('a restart flag that changes requests a restart, and one that was there at the start does not', async () => {
  expect(await readings('1', '1', '1', '2', '3')).toEqual({ read: 4, warnings: [] })
})

test('a restart flag that appears requests a restart', async () => {
  expect((await readings(null, null, '1', '2')).read).toBe(3)
})

test('a restart flag that is deleted, or comes back unchanged, requests none', async () => {
  expect((await readings('1', null, '1', null, '2')).read).toBe(5)
})

test('a restart flag that cannot be read is reported once per outage', async () => {
  const failure = new Error('ECONNREFUSED')
  const warning = [
    'The restart flag cannot be read from Redis, so that reverb:restart does not reach this server. Check Redis',
    { reason: 'ECONNREFUSED' },
    'restart-flag-unreadable',
  ]
  const found = [failure, failure, '1', failure, failure, '1', '2'] as const
  expect(await readings(...found)).toEqual({ read: 7, warnings: [warning, warning] })
})
