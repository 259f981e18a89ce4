/** pusher-http-php: what it throws, and publishing again what may have been published. */
import { describe, expect, test } from 'bun:test'
import { subscribed } from '../../support/clients/event-queue.ts'
import { Testbed } from '../../support/clients/testbed.ts'
import { freePort } from '../../support/ports.ts'
import { type PhpException, pusherPhp } from './support/php.ts'

const event = ['red', 'painted', { coats: 2 }]

async function thrown(call: Promise<unknown>): Promise<PhpException | undefined> {
  return call.then(
    () => undefined,
    (error: PhpException) => error,
  )
}

describe.each(['trigger', 'triggerAsync'])('pusher-http-php: %s throws the error of the server for', method => {
  test('a wrong secret', async () => {
    await using testbed = new Testbed()
    const error = await thrown(pusherPhp(testbed, method, event, { secret: 'guessed' }))
    expect(error).toMatchObject({ name: 'Pusher\\ApiErrorException', code: 401 })
    expect(error?.message).toContain('Authentication signature invalid')
  })

  test.each<[string, ConstructorParameters<typeof Testbed>[0], unknown[], number, string]>([
    ['a body that is too large', {}, ['red', 'painted', 'x'.repeat(10_000)], 413, 'max_request_size'],
    ['data that is too large', { limits: { eventDataBytes: 9 } }, event, 413, 'event_data_bytes'],
    ['a name that is too long', { limits: { eventNameLength: 3 } }, event, 422, 'name'],
    ['too many channels', { limits: { channelsPerEvent: 1 } }, [['red', 'blue'], 'painted', {}], 400, 'Too many channels'],
    ['an app that is disabled', { enabled: false }, event, 403, 'disabled'],
    ['too many requests', { requestRate: { maxAttempts: 0, decaySeconds: 60 } }, event, 429, 'Too many requests'],
  ])('%s', async (_, app, args, code, text) => {
    await using testbed = new Testbed(app)
    const error = await thrown(pusherPhp(testbed, method, args))
    expect(error).toMatchObject({ name: 'Pusher\\ApiErrorException', code })
    expect(error?.message).toContain(text)
  })
})

test('pusher-http-php: trigger throws with code 0 when no server listens', async () => {
  const port = await freePort()
  await using testbed = new Testbed()
  expect(await thrown(pusherPhp(testbed, 'trigger', event, { port }))).toMatchObject({
    name: 'Pusher\\ApiErrorException',
    code: 0,
  })
})

test('pusher-http-php: an event that is published again with its idempotency key is delivered once', async () => {
  await using testbed = new Testbed()
  const { events } = await subscribed(await testbed.connect(), 'red')
  const http = { headers: { 'X-Idempotency-Key': 'a91f' } }
  const args = [...event, { info: 'subscription_count' }]
  const first = await pusherPhp(testbed, 'trigger', args, { http })
  expect(first).toEqual({ channels: { red: { subscription_count: 1 } } })
  await subscribed(await testbed.connect(), 'red')
  expect(await pusherPhp(testbed, 'trigger', args, { http })).toEqual(first)
  expect(await thrown(pusherPhp(testbed, 'trigger', ['red', 'other', {}], { http }))).toMatchObject({ code: 422 })
  await pusherPhp(testbed, 'trigger', ['red', 'last', { n: 1 }])
  expect(await events.next()).toEqual(['painted', { coats: 2 }])
  expect(await events.next()).toEqual(['last', { n: 1 }])
})
