import { expect, test } from 'bun:test'
import { Admission } from '../../src/server/admission.ts'
import { testApp } from '../support/apps.ts'
import { hubWith } from '../support/core.ts'

const request = () => new Request('http://localhost/up')

function admission(isOpen: boolean) {
  const { queries } = hubWith(testApp())
  const answered: string[] = []
  const admission = new Admission({ queries, nowMs: () => 0, refused() {}, isOpen })
  const answer = admission.guard(async ({ url }) => {
    answered.push(url)
    return new Response('OK')
  })
  return { admission, answer, answered }
}

test('an open server answers a request at once, and leaves its connection open', async () => {
  const { answer, answered } = admission(true)
  const response = answer(request())
  expect(answered).toHaveLength(1)
  expect((await response)?.headers.has('connection')).toBe(false)
})

test('a server that is still synchronising answers requests once it is opened, those that wait as well', async () => {
  const { admission: server, answer, answered } = admission(false)
  const waiting = [answer(request()), answer(request())]
  await new Promise(setImmediate)
  expect(answered).toEqual([])
  server.open()
  for (const response of waiting) expect(await (await response)?.text()).toBe('OK')
  expect((await answer(request()))?.status).toBe(200)
  expect(answered).toHaveLength(3)
})

test('a server that drains closes the connection of each request with its answer, but not that of a WebSocket', async () => {
  const { admission: server, answer } = admission(true)
  const before = answer(request())
  server.disableKeepAlive()
  expect((await answer(request()))?.headers.get('connection')).toBe('close')
  expect((await before)?.headers.has('connection')).toBe(false)
  expect(await server.guard(async () => undefined)(request())).toBeUndefined()
})
