/** Deployments under load: nobody is refused, no publish is lost, everybody is back. */
import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { outcome } from '../support/child-process.ts'
import { cannotRun, missingProgram, withoutRoot } from '../support/requirements.ts'

/** A network of its own, in which connections that wait are handed to the next server. */
const inNetwork = (command: string) => [
  'unshare',
  '-n',
  'sh',
  '-c',
  `ip link set lo up && sysctl -qw net.ipv4.tcp_migrate_req=1 && exec ${command}`,
]

const couldNot = async () => {
  const { code, output } = await outcome(inNetwork('true'))
  return code !== 0 && `no network namespace with tcp_migrate_req can be made here (${output.trim()})`
}
const isSkipped = cannotRun(
  'ten hand-overs under load',
  withoutRoot,
  missingProgram('unshare', 'util-linux'),
  missingProgram('ip', 'iproute2'),
  missingProgram('sysctl', 'procps'),
  await couldNot(),
)

describe.skipIf(isSkipped)('ten hand-overs of a server under load', () => {
  test('lose no connection, no publish and no client', async () => {
    const storm = `${process.execPath} ${join(import.meta.dir, 'storm/run.ts')} --hand-overs 10`
    const { code, output } = await outcome(inNetwork(storm), { seconds: 590 })
    console.log(output.trim())
    const result = JSON.parse(output.trim().split('\n').at(-1) ?? '')
    expect(result.faults).toEqual({})
    expect(result.missed).toBe(0)
    expect(result.published).toBeGreaterThan(10_000)
    expect(result.returns).toBe(2000)
    // Everybody is back with the first attempt: pusher-js makes its second one 15 s later.
    expect(result.attempts).toBe(result.returns)
    expect(result.longestAwayMs).toBeLessThan(15_000)
    expect(code).toBe(0)
  }, 600_000)
})
