import { expect, test } from 'bun:test'
import { type Status, StatusReport } from '../../src/runtime/status.ts'

function reporting(first: Status) {
  const now = { status: first, hasRoom: true }
  const lines: unknown[] = []
  const report = new StatusReport(
    () => now.status,
    line => {
      if (now.hasRoom) lines.push(JSON.parse(line))
      return now.hasRoom
    },
  )
  return { now, lines, report }
}

test('the first status is reported at once, and an unchanged one never again', () => {
  const { lines, report } = reporting({ sockets: 0, redis: 'unused' })
  for (const ms of [0, 1000, 60_000]) report.tick(ms)
  expect(lines).toEqual([{ type: 'status', sockets: 0, redis: 'unused' }])
})

test('a change of the number of sockets is reported every five seconds at most', () => {
  const { now, lines, report } = reporting({ sockets: 0, redis: 'unused' })
  for (let second = 0; second <= 12; second++) {
    now.status = { sockets: second, redis: 'unused' }
    report.tick(second * 1000)
  }
  expect(lines).toEqual([0, 5, 10].map(sockets => ({ type: 'status', sockets, redis: 'unused' })))
})

test('a lost or restored connection to Redis is reported at once', () => {
  const { now, lines, report } = reporting({ sockets: 3, redis: 'connected' })
  report.tick(0)
  now.status = { sockets: 4, redis: 'disconnected' }
  report.tick(1000)
  now.status = { sockets: 5, redis: 'connected' }
  report.tick(2000)
  expect(lines).toEqual([
    { type: 'status', sockets: 3, redis: 'connected' },
    { type: 'status', sockets: 4, redis: 'disconnected' },
    { type: 'status', sockets: 5, redis: 'connected' },
  ])
})

test('a status for which the output has no room is reported a second later', () => {
  const { now, lines, report } = reporting({ sockets: 3, redis: 'connected' })
  report.tick(0)
  Object.assign(now, { status: { sockets: 4, redis: 'disconnected' }, hasRoom: false })
  report.tick(1000)
  now.hasRoom = true
  report.tick(2000)
  report.tick(3000)
  expect(lines.slice(1)).toEqual([{ type: 'status', sockets: 4, redis: 'disconnected' }])
})
