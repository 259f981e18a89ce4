/** Whoever can publish on Redis can neither say anything to clients nor change what is known; others' texts are not ours. */
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

const everybody = ['ann', 'bob', 'cat', 'dan']

describe.skipIf(cannotRun('strangers on Redis', withoutRedis))('on the channel of three servers', () => {
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

  // The last one first, and each whatever becomes of the others.
  afterAll(async () => {
    await using _redis = redis
    await using _tap = tap
    await using _fleet = fleet
  })

  /** Says them, and looks whether anybody has heard anything, or knows anything else than before. */
  async function comesToNothing(texts: readonly string[], hearers = 4): Promise<void> {
    // The three servers and the tap.
    for (const text of texts) expect(await tap.say(text)).toBe(hearers)
    await fleet.settled(here.recorders)
    for (const recorder of here.recorders) expect(recorder.received).toEqual([])
    await here.agrees(everybody, 5)
    await here.hearsAll()
    for (const recorder of here.recorders) recorder.clear()
  }

  const signedBy = (key: string, body: object, node = 'f00d') => {
    const signed = JSON.stringify([1, node, Date.now(), body])
    return hmac(key, signed) + signed
  }
  const frame = JSON.stringify({ event: 'forged', channel: room, data: '{}' })
  const said = [
    { type: 'event', topic: `1001/${room}`, frame },
    { type: 'entries', sequence: 1, entries: [{ kind: 'connections', appId: '1001', count: 99 }] },
    { type: 'terminate', appId: '1001', userId: 'ann' },
    { type: 'heartbeat', sequence: 1, from: 1 },
    { type: 'leave' },
  ]

  test('this is how a text is signed', async () => {
    await fleet.nodes[0]!.publish(room, 'signed', {})
    const text = await tap.first('event')
    expect(text).toBe(hmac(key, signedOf(text)) + signedOf(text))
    for (const recorder of here.recorders) {
      await recorder.waitFor('signed')
      recorder.clear()
    }
  })

  test('what is not signed, or with another secret, comes to nothing', async () => {
    const garbage = ['', 'x', '{}', 'null', '\0', '0'.repeat(64), `${'0'.repeat(64)}[`, 'é'.repeat(100), 'x'.repeat(1_000_000)]
    const unsigned = said.map(body => JSON.stringify([1, 'f00d', Date.now(), body]))
    const badly = unsigned.flatMap(signed => ['0'.repeat(64) + signed, ' '.repeat(64) + signed, hmac('', signed) + signed])
    const foreign = said.map(body => signedBy('the secret of somebody else', body))
    const texts = [...garbage, ...unsigned, ...badly, ...foreign]
    await comesToNothing(texts)
    for (const node of fleet.nodes) {
      await until('the server says how much it has ignored', () => node.logged('Messages between the servers were ignored') > 0)
      expect(node.log).toMatch(
        /"level":"warn","code":"cluster-loss","message":"Messages between the servers were ignored .*","context":{"forged":\d+,"malformed":0,"replayed":0,"dropped":0}/,
      )
    }
  })

  test('what was changed on the way comes to nothing', async () => {
    await fleet.nodes[0]!.publish(room, 'original', { by: 'us' })
    for (const recorder of here.recorders) {
      await recorder.waitFor('original')
      recorder.clear()
    }
    await tap.settled()
    const original = tap.all('event').find(text => text.includes('original'))!
    const ends = [original.slice(1), original.slice(0, -1), `${original} `, ` ${original}`, original.toUpperCase()]
    const middles = [original.replace('by', 'no'), original.replace('original', 'changed!'), original.replace(/\[1,/, '[2,')]
    const mixed = said.map(body => original.slice(0, 64) + signedOf(signedBy('', body)))
    await comesToNothing([...ends, ...middles, ...mixed])
  })

  test('what was said before comes to nothing when it is said again', async () => {
    await using fresh = await Tap.on(redis.address)
    const eve = await fleet.nodes[1]!.member(room, 'eve')
    for (const recorder of here.recorders) await recorder.waitFor('pusher:member_added')
    await fleet.nodes[1]!.publish(room, 'once', {})
    await fleet.nodes[1]!.post('/users/nobody/terminate_connections', {})
    await leave([eve])
    for (const recorder of here.recorders) await recorder.waitFor('pusher:member_removed')
    await fleet.settled(here.recorders)
    for (const recorder of here.recorders) {
      expect(recorder.received.map(([event]) => event).sort()).toEqual(['once', 'pusher:member_added', 'pusher:member_removed'])
      recorder.clear()
    }
    await fresh.settled()
    for (const type of ['event', 'entries', 'terminate']) expect(fresh.all(type).length).toBeGreaterThan(0)
    await comesToNothing([...fresh.texts], 5)
  })

  test('nor does what was said by a server that is gone, to one that was not there then', async () => {
    await using old = await Fleet.started({ redis: redis.address, count: 2, channel: 'old' })
    await using fresh = await Tap.on(redis.address, 'revurb:old')
    const gone = old.nodes.pop()!
    await gone.publish(room, 'once', {})
    await gone.post('/users/ann/terminate_connections', {})
    await fresh.first('terminate')
    await gone.stop()
    const late = await old.grow()
    const bob = await old.subscribe(late, room, { id: 'bob' })
    const ann = await old.subscribe(late, room, { id: 'ann' })
    for (const text of [...fresh.texts]) await fresh.say(text)
    await old.settled([bob])
    expect(bob.received).toEqual([['pusher:member_added', { id: 'ann', info: {} }]])
    expect(ann.client.connection.state).toBe('connected')
  })

  test('what is signed well and is nothing that a server sends comes to nothing, and is counted: not a line for each', async () => {
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
    await comesToNothing([...bodies.map(body => signed(JSON.stringify([1, 'f00d', 1, body]))), ...broken.map(signed)])
    expect(lines()).toEqual(before)
  })

  test('of another version of ours, which is signed well, it comes to nothing', async () => {
    await comesToNothing(
      said.map(body => {
        const signed = JSON.stringify([2, 'f00d', Date.now(), body])
        return hmac(key, signed) + signed
      }),
    )
  })

  test('what others say on another channel, with the same secret, comes to nothing when it is carried over', async () => {
    await using carried = await Tap.on(redis.address, 'revurb:others')
    await using others = await Fleet.started({ redis: redis.address, count: 2, channel: 'others' })
    await others.nodes[0]!.member(room, 'zoe')
    await others.nodes[0]!.publish(room, 'theirs', {})
    await others.nodes[0]!.post('/users/ann/terminate_connections', {})
    for (const type of ['event', 'entries', 'terminate', 'heartbeat', 'ask', 'snapshot']) await carried.first(type)
    const [texts, asks] = [[...carried.texts], carried.all('ask').length]
    await tap.settled()
    const asked = tap.all('ask').length
    await comesToNothing(texts)
    // They are not even asked who they are.
    await tap.settled()
    expect(tap.all('ask')).toHaveLength(asked + asks)
  })

  test.each([
    ['on another channel', { channel: 'others' }],
    ['with another secret', { secret: 'of others' }],
  ])('the servers of another application %s hear nothing of these, nor these of them', async (_, theirs) => {
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
    await here.agrees(everybody, 5)
    const channels = { [room]: { occupied: true, user_count: 2, subscription_count: 2 } }
    await agree(others.nodes, { connections: 2, channels, users: { [room]: ['yan', 'zoe'] } })
    for (const recorder of here.recorders) recorder.clear()
  })
})
