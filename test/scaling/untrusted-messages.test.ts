/** Messages on the channel in Redis that no server of the cluster has published deliver nothing to clients, and change no state. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Redis } from '../support/redis-process.ts'
import { cannotRun } from '../support/requirements.ts'
import { hmac } from '../support/sign.ts'
import { until } from '../support/until.ts'
import type { ChannelRecorder } from './support/channel-recorder.ts'
import { agree, Fleet, key, leave } from './support/fleet.ts'
import { startRedis, withoutRedis } from './support/redis.ts'
import { Room, room } from './support/room.ts'
import { signedOf, Tap } from './support/tap.ts'

setDefaultTimeout(180_000)

const everyone = ['ann', 'bob', 'cat', 'dan']

describe.skipIf(cannotRun('untrusted messages', withoutRedis))('three servers', () => {
  let redis: Redis
  let fleet: Fleet
  let here: Room
  let tap: Tap

  beforeAll(async () => {
    redis = await startRedis()
    tap = await Tap.on(redis.address)
    fleet = await Fleet.started({ redis: redis.address })
    here = await Room.in(fleet)
  })

  // They are disposed of in reverse order, each also where another one fails.
  afterAll(async () => {
    await using _redis = redis
    await using _tap = tap
    await using _fleet = fleet
  })

  /** Publishes messages, and expects that no client receives an event, and that no state changes. */
  async function expectIgnored(messages: readonly string[], subscribers = 4): Promise<void> {
    // The subscribers are the three servers and the tap.
    for (const message of messages) expect(await tap.publish(message)).toBe(subscribers)
    await fleet.settled(here.recorders)
    for (const recorder of here.recorders) expect(recorder.received).toEqual([])
    await here.agrees(everyone, 5)
    await here.deliversToAll()
    for (const recorder of here.recorders) recorder.clear()
  }

  const signedBy = (key: string, body: object, node = 'f00d') => {
    const signed = JSON.stringify([1, node, Date.now(), body])
    return hmac(key, signed) + signed
  }
  const frame = JSON.stringify({ event: 'forged', channel: room, data: '{}' })
  const bodies = [
    { type: 'event', topic: `1001/${room}`, frame },
    { type: 'entries', sequence: 1, entries: [{ kind: 'connections', appId: '1001', count: 99 }] },
    { type: 'terminate', appId: '1001', userId: 'ann' },
    { type: 'heartbeat', sequence: 1, from: 1 },
    { type: 'leave' },
  ]

  test('sign their messages with HMAC-SHA256 of the key', async () => {
    await fleet.nodes[0]!.publish(room, 'signed', {})
    const text = await tap.first('event')
    expect(text).toBe(hmac(key, signedOf(text)) + signedOf(text))
    for (const recorder of here.recorders) {
      await recorder.waitFor('signed')
      recorder.clear()
    }
  })

  test('ignore and count messages without a signature, or with that of another secret', async () => {
    const garbage = ['', 'x', '{}', 'null', '\0', '0'.repeat(64), `${'0'.repeat(64)}[`, 'é'.repeat(100), 'x'.repeat(1_000_000)]
    const unsigned = bodies.map(body => JSON.stringify([1, 'f00d', Date.now(), body]))
    const badly = unsigned.flatMap(signed => ['0'.repeat(64) + signed, ' '.repeat(64) + signed, hmac('', signed) + signed])
    const foreign = bodies.map(body => signedBy('another secret', body))
    const texts = [...garbage, ...unsigned, ...badly, ...foreign]
    await expectIgnored(texts)
    for (const node of fleet.nodes) {
      await until('the server logs how much it has ignored', () => node.logged('Messages between the servers were ignored') > 0)
      expect(node.log).toMatch(
        /"level":"warn","code":"cluster-loss","message":"Messages between the servers were ignored .*","context":{"forged":\d+,"unsupported":0,"malformed":0,"replayed":0,"dropped":0}/,
      )
    }
  })

  test('ignore messages that were changed', async () => {
    await fleet.nodes[0]!.publish(room, 'original', { by: 'us' })
    for (const recorder of here.recorders) {
      await recorder.waitFor('original')
      recorder.clear()
    }
    await tap.settled()
    const original = tap.all('event').find(text => text.includes('original'))!
    const ends = [original.slice(1), original.slice(0, -1), `${original} `, ` ${original}`, original.toUpperCase()]
    const middles = [original.replace('by', 'no'), original.replace('original', 'changed!'), original.replace(/\[1,/, '[2,')]
    const mixed = bodies.map(body => original.slice(0, 64) + signedOf(signedBy('', body)))
    await expectIgnored([...ends, ...middles, ...mixed])
  })

  test('ignore replayed messages', async () => {
    await using fresh = await Tap.on(redis.address)
    const eve = await fleet.nodes[1]!.member(room, 'eve')
    for (const recorder of here.recorders) await recorder.waitFor('pusher:member_added')
    await fleet.nodes[1]!.publish(room, 'once', {})
    await fleet.nodes[1]!.post('/users/unknown/terminate_connections', {})
    await leave([eve])
    for (const recorder of here.recorders) await recorder.waitFor('pusher:member_removed')
    await fleet.settled(here.recorders)
    for (const recorder of here.recorders) {
      expect(recorder.received.map(([event]) => event).sort()).toEqual(['once', 'pusher:member_added', 'pusher:member_removed'])
      recorder.clear()
    }
    await fresh.settled()
    for (const type of ['event', 'entries', 'terminate']) expect(fresh.all(type).length).toBeGreaterThan(0)
    await expectIgnored([...fresh.messages], 5)
  })

  test('ignore replayed messages of a server that has stopped, also where they have joined later', async () => {
    await using old = await Fleet.started({ redis: redis.address, count: 2, channel: 'old' })
    await using fresh = await Tap.on(redis.address, 'revurb:old')
    const gone = old.nodes.pop()!
    await gone.publish(room, 'once', {})
    await gone.post('/users/ann/terminate_connections', {})
    await fresh.first('terminate')
    await gone.stop()
    const late = await old.addNode()
    const bob = await old.subscribe(late, room, { id: 'bob' })
    const ann = await old.subscribe(late, room, { id: 'ann' })
    for (const message of [...fresh.messages]) await fresh.publish(message)
    await old.settled([bob])
    expect(bob.received).toEqual([['pusher:member_added', { id: 'ann', info: {} }]])
    expect(ann.client.connection.state).toBe('connected')
  })

  test('ignore and count signed messages that are not well-formed, without a line of the log for each', async () => {
    const [node] = fleet.nodes as [(typeof fleet.nodes)[number]]
    const lines = () => node.log.split('\n').filter(line => /Unexpected|TypeError|SyntaxError/.test(line))
    const before = lines()
    const signed = (text: string) => hmac(key, text) + text
    const bodies = [
      { type: 'entries', sequence: 1 },
      { type: 'entries', sequence: 1, entries: [null] },
      { type: 'x' },
      null,
      [],
      1,
    ]
    const broken = ['', '[', 'null', '{}', '[1]', '[1,"f00d"]', `[1,"f00d",${2 ** 53},{"type":"leave"}]`]
    await expectIgnored([...bodies.map(body => signed(JSON.stringify([1, 'f00d', 1, body]))), ...broken.map(signed)])
    expect(lines()).toEqual(before)
  })

  test('ignore signed messages of another version', async () => {
    await expectIgnored(
      bodies.map(body => {
        const signed = JSON.stringify([2, 'f00d', Date.now(), body])
        return hmac(key, signed) + signed
      }),
    )
  })

  test('ignore messages of another channel with the same secret', async () => {
    await using carried = await Tap.on(redis.address, 'revurb:others')
    await using others = await Fleet.started({ redis: redis.address, count: 2, channel: 'others' })
    await others.nodes[0]!.member(room, 'zoe')
    await others.nodes[0]!.publish(room, 'theirs', {})
    await others.nodes[0]!.post('/users/ann/terminate_connections', {})
    for (const type of ['event', 'entries', 'terminate', 'heartbeat', 'ask', 'snapshot']) await carried.first(type)
    const [messages, requests] = [[...carried.messages], carried.all('ask').length]
    await tap.settled()
    const requested = tap.all('ask').length
    await expectIgnored(messages)
    // The senders are not even sent a request.
    await tap.settled()
    expect(tap.all('ask')).toHaveLength(requested + requests)
  })

  test.each([
    ['on another channel', { channel: 'others' }],
    ['with another secret', { secret: 'of others' }],
  ])('and the servers of another application %s do not receive events of each other', async (_, theirs) => {
    await using others = await Fleet.started({ redis: redis.address, count: 2, ...theirs })
    const recorders: ChannelRecorder[] = [
      await others.subscribe(others.nodes[0]!, room, { id: 'zoe' }),
      await others.subscribe(others.nodes[1]!, room, { id: 'yan' }),
    ]
    await others.settled(recorders)
    for (const recorder of recorders) recorder.clear()
    await fleet.nodes[0]!.publish(room, 'ours', {})
    await others.nodes[0]!.publish(room, 'theirs', {})
    await fleet.nodes[0]!.post('/users/zoe/terminate_connections', {})
    await others.nodes[0]!.post('/users/ann/terminate_connections', {})
    await fleet.settled(here.recorders)
    await others.settled(recorders)
    expect(here.recorders.map(recorder => recorder.received)).toEqual(here.recorders.map(() => [['ours', {}]]))
    expect(recorders.map(recorder => recorder.received)).toEqual(recorders.map(() => [['theirs', {}]]))
    await here.agrees(everyone, 5)
    const channels = { [room]: { occupied: true, user_count: 2, subscription_count: 2 } }
    await agree(others.nodes, { connections: 2, channels, users: { [room]: ['yan', 'zoe'] } })
    for (const recorder of here.recorders) recorder.clear()
  })
})
