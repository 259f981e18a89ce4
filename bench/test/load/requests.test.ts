import { afterEach, expect, setSystemTime, test } from 'bun:test'
import Pusher from 'pusher'
import { app } from '../../load/app.ts'
import { RequestWriter } from '../../load/requests.ts'

afterEach(() => void setSystemTime())

test('a request to publish is signed as the library pusher signs it, and its data has the wanted length', () => {
  setSystemTime(new Date('2026-01-31T12:00:00Z'))
  const [head, body] = new RequestWriter('news', 100).write(7, 12).split('\r\n\r\n') as [string, string]
  const [path, query] = /^POST (\S+) HTTP/.exec(head)![1]!.split('?') as [string, string]
  const pusher = new Pusher({ appId: app.id, key: app.key, secret: app.secret, host: '127.0.0.1' })
  const signed = new URLSearchParams(pusher.createSignedQueryString({ method: 'POST', path, body }))
  expect(Object.fromEntries(new URLSearchParams(query))).toEqual(Object.fromEntries(signed))
  expect(head).toContain(`Content-Length: ${body.length}`)
  const { data, channel } = JSON.parse(body) as { data: string; channel: string }
  expect([channel, data.length, data.slice(0, 14)]).toEqual(['news', 100, '#000700000012x'])
})
