/** The publisher against a server in this process. */
import { expect, test } from 'bun:test'
import { Client } from 'revurb-bench/load/client.ts'
import { awaitDeliveries } from 'revurb-bench/load/deliveries.ts'
import { isFaultless, Tally } from 'revurb-bench/load/tally.ts'
import { TestServer } from '../../support/server.ts'
import { Publisher, publisherConnections } from './publisher.ts'

const settings = ({ port }: TestServer) => ({ at: { host: '127.0.0.1', port }, channel: 'news', eventBytes: 100, perSecond: 400 })

test('the publisher numbers its events, and continues with the next number', async () => {
  await using server = new TestServer()
  const { at, ...rest } = settings(server)
  const tally = new Tally(publisherConnections)
  const subscriber = await Client.subscribed({ at, channels: ['news'] }, tally.receiver())
  const publisher = new Publisher({ at, ...rest })
  const first = await publisher.publish(0.1)
  const second = await publisher.publish(0.1)
  publisher.cut()
  expect([first.failures, second.failures]).toEqual([[], []])
  const sent = first.events + second.events
  expect(second.last.reduce((sum, last) => sum + last)).toBe(sent)
  expect(isFaultless(await awaitDeliveries(tally, sent))).toBe(true)
  subscriber.reset()
})

test('the publisher reports refused publishes', async () => {
  await using server = new TestServer()
  const publisher = new Publisher({ ...settings(server), eventBytes: 20_000 })
  expect((await publisher.publish(0.05)).failures).toEqual([expect.stringContaining('not published: HTTP/1.1 413')])
  publisher.cut()
})
