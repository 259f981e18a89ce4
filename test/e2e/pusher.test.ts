import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { Demo, START_MS } from './support/demo.ts'
import { Subscriber } from './support/subscriber.ts'
import { until } from './support/until.ts'

setDefaultTimeout(60_000)

let demo: Demo
let open: Subscriber[] = []

beforeAll(async () => {
  demo = await Demo.start()
}, START_MS)

afterAll(async () => {
  await demo?.stop()
})

afterEach(async () => {
  for (const subscriber of open) subscriber.close()
  await until('all sockets are closed', () => open.every(subscriber => subscriber.closed !== undefined))
  open = []
})

test('trigger reaches every channel that it names', async () => {
  const [red, blue] = [await subscribe('red'), await subscribe('blue')]

  expect(await pusher('trigger', ['red', 'blue'], 'painted', { coats: 2 })).toEqual({ result: {} })
  await until('both hear it', () => red.heard.length > 0 && blue.heard.length > 0)
  expect(red.heard).toEqual([{ event: 'painted', data: '{"coats":2}' }])
  expect(blue.heard).toEqual(red.heard)
})

test('trigger leaves out the socket that it is told to', async () => {
  const [sender, other] = [await subscribe('red'), await subscribe('red')]

  await pusher('trigger', 'red', 'first', {}, { socket_id: sender.socketId })
  await pusher('trigger', 'red', 'second', {})
  await until('both hear the second', () => [sender, other].every(s => s.heard.some(({ event }) => event === 'second')))
  expect(other.heard.map(({ event }) => event)).toEqual(['first', 'second'])
  expect(sender.heard.map(({ event }) => event)).toEqual(['second'])
})

test('trigger tells about the channels when asked', async () => {
  await subscribe('red')
  await subscribe('red')

  expect(await pusher('trigger', ['red'], 'painted', {}, { info: 'subscription_count' })).toEqual({
    result: { channels: { red: { subscription_count: 2 } } },
  })
})

test('a batch is delivered in order', async () => {
  const [red, blue] = [await subscribe('red'), await subscribe('blue')]
  const batch = [
    { channel: 'red', name: 'one', data: { n: 1 } },
    { channel: 'blue', name: 'two', data: { n: 2 } },
    { channel: 'red', name: 'three', data: { n: 3 } },
  ]

  expect(await pusher('triggerBatch', batch)).toEqual({ result: {} })
  await until('all are heard', () => red.heard.length > 1 && blue.heard.length > 0)
  expect(red.heard.map(({ event }) => event)).toEqual(['one', 'three'])
  expect(blue.heard).toEqual([{ event: 'two', data: '{"n":2}' }])
})

test('channels and their numbers can be asked for', async () => {
  await subscribe('red')
  await subscribe('presence-den', 'fox')
  await subscribe('presence-den', 'fox')
  await subscribe('presence-den', 'badger')

  expect(await pusher('getChannels', { filter_by_prefix: 'presence-', info: 'user_count' })).toEqual({
    result: { channels: { 'presence-den': { user_count: 2 } } },
  })
  expect(Object.keys((await pusher('getChannels')).result.channels).sort()).toEqual(['presence-den', 'red'])
  expect(await pusher('getChannelInfo', 'red', { info: 'subscription_count' })).toMatchObject({
    result: { occupied: true, subscription_count: 1 },
  })
  expect(await pusher('getChannelInfo', 'green')).toMatchObject({ result: { occupied: false } })
  const { users } = (await pusher('getPresenceUsers', 'presence-den')).result
  expect(users.map(({ id }: { id: string }) => id).sort()).toEqual(['badger', 'fox'])
})

test('terminating a user closes every socket of that user, and no other', async () => {
  const foxes = [await subscribe('presence-den', 'fox'), await subscribe('presence-den', 'fox')]
  const badger = await subscribe('presence-den', 'badger')

  expect(await pusher('terminateUserConnections', 'fox')).toEqual({ result: {} })
  await until('both are closed', () => foxes.every(fox => fox.closed !== undefined))
  expect(foxes.map(fox => fox.closed)).toEqual([4009, 4009])
  expect(badger.closed).toBeUndefined()
})

test('a wrong secret is refused with a reason', async () => {
  const red = await subscribe('red')

  const answer = await pusherAs({ REVERB_APP_SECRET: 'guessed' }, 'trigger', 'red', 'painted', {})
  expect(answer).toMatchObject({ exception: String.raw`Pusher\ApiErrorException`, code: 401 })
  expect(answer.message).toContain('Authentication signature invalid')
  await pusher('trigger', 'red', 'repainted', {})
  await until('the right one is heard', () => red.heard.length > 0)
  expect(red.heard.map(({ event }) => event)).toEqual(['repainted'])
})

async function subscribe(channel: string, userId?: string): Promise<Subscriber> {
  const subscriber = await Subscriber.of(demo, channel, userId)
  open.push(subscriber)

  return subscriber
}

/** Calls a method of Pusher's PHP library. */
async function pusher(method: string, ...args: unknown[]) {
  return await pusherAs({}, method, ...args)
}

async function pusherAs(env: Record<string, string>, method: string, ...args: unknown[]) {
  return JSON.parse(await demo.php({ env }, join(import.meta.dir, 'pusher.php'), method, JSON.stringify(args)))
}
