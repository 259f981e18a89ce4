/** Hand-overs under load refuse no connection, lose no publish, and all clients reconnect. */
import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { outcome } from '../support/child-process.ts'
import { cannotRun, missingProgram, withoutRoot } from '../support/requirements.ts'

/** A network namespace in which the kernel hands waiting connections to the next server (tcp_migrate_req). */
const inNetwork = (command: string) => [
  'unshare',
  '-n',
  'sh',
  '-c',
  `ip link set lo up && sysctl -qw net.ipv4.tcp_migrate_req=1 && exec ${command}`,
]

const withoutMigration = async () => {
  const { code, output } = await outcome(inNetwork('true'))
  return code !== 0 && `no network namespace with tcp_migrate_req can be made here (${output.trim()})`
}
const isSkipped = cannotRun(
  'ten hand-overs under load',
  withoutRoot,
  missingProgram('unshare', 'util-linux'),
  missingProgram('ip', 'iproute2'),
  missingProgram('sysctl', 'procps'),
  await withoutMigration(),
)

describe.skipIf(isSkipped)('ten hand-overs of a server under load', () => {
  test('lose no connection, no publish and no client', async () => {
    const load = `${process.execPath} ${join(import.meta.dir, 'hand-overs/run.ts')} --hand-overs 10`
    const { code, output } = await outcome(inNetwork(load), { seconds: 590 })
    console.log(output.trim())
    const result = JSON.parse(output.trim().split('\n').at(-1) ?? '')
    expect(result.faults).toEqual({})
    expect(result.missed).toBe(0)
    expect(result.published).toBeGreaterThan(10_000)
    expect(result.reconnects).toBe(2000)
    // All clients reconnected with their first attempt: pusher-js makes its second one 15 s later.
    expect(result.attempts).toBe(result.reconnects)
    expect(result.longestReconnectMs).toBeLessThan(15_000)
    expect(code).toBe(0)
  }, 600_000)
})
