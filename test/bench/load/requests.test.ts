import { expect, test } from 'bun:test'
import { app } from '../../../bench/load/app.ts'
import { RequestWriter } from '../../../bench/load/requests.ts'
import { signedQuery } from '../../support/sign.ts'

test('a request is signed as Pusher says, and its data is as long as it was to be', () => {
  const [head, body] = new RequestWriter('news', 100).write(7, 12).split('\r\n\r\n') as [string, string]
  const [path, query] = /^POST (\S+) HTTP/.exec(head)![1]!.split('?') as [string, string]
  const timestamp = Number(/auth_timestamp=(\d+)/.exec(query)![1])
  expect(query).toBe(signedQuery(app, { method: 'POST', path, body, timestamp }))
  expect(head).toContain(`Content-Length: ${body.length}`)
  const { data, channel } = JSON.parse(body) as { data: string; channel: string }
  expect([channel, data.length, data.slice(0, 14)]).toEqual(['news', 100, '#000700000012x'])
})
