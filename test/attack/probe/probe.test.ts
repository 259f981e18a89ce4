/** The probe against a server in this process. */
import { expect, test } from 'bun:test'
import { testApp } from '../../support/apps.ts'
import { TestServer } from '../../support/server.ts'
import { Probe } from './probe.ts'

const seconds = 0.1
const timeoutMs = 200
const at = ({ port }: TestServer) => ({ host: '127.0.0.1', port })

test('the probe measures every ping and every publish, and reports no fault of a server that works', async () => {
  await using server = new TestServer()
  const probe = await Probe.connected(at(server))
  for (const _ of ['first', 'second']) {
    const { pings, posts, lateness, faults } = await probe.measure(seconds)
    expect([pings.length, posts.length, lateness.length, faults]).toEqual([40, 20, 60, []])
  }
})

test('the probe measures only pings where it does not publish', async () => {
  await using server = new TestServer()
  const probe = await Probe.connected(at(server), { postsPerSecond: 0 })
  const { pings, posts, faults } = await probe.measure(seconds)
  expect([pings.length, posts.length, faults]).toEqual([40, 0, []])
})

test('the probe reports a client that was closed, and an event that did not reach its subscriber', async () => {
  await using server = new TestServer()
  const probe = await Probe.connected(at(server), { timeoutMs })
  // The 20 clients that ping, and the subscriber.
  server.running.traffic.closeOldest(21)
  const { pings, faults } = await probe.measure(seconds)
  expect(pings).toHaveLength(40)
  expect(faults.join('\n')).toContain('40 pings were not answered')
  expect(faults.join('\n')).toContain('20 published events were not delivered')
})

test('the probe reports refused publishes', async () => {
  await using server = new TestServer({ apps: [testApp({ secret: 'another-secret' })] })
  const probe = await Probe.connected(at(server), { timeoutMs })
  const { faults } = await probe.measure(seconds)
  // The server ends a connection with many unsigned requests: others of them may get no answer.
  expect(faults[0]).toBe('a publish of the probe failed: not published: HTTP/1.1 401 Unauthorized')
})
