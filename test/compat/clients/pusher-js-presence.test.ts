/** pusher-js 8: who is on a presence channel. */
import { expect, test } from 'bun:test'
import type { PresenceChannel } from 'pusher-js'
import { subscribed } from '../../support/clients/event-queue.ts'
import { Testbed } from '../../support/clients/testbed.ts'

const ann = { id: 'ann', user_info: { name: 'Ann', since: { year: 2019 } } }
const bob = { id: 'bob', user_info: { name: 'Bób 🎨' } }

test('pusher-js: a new member receives the list of members, and its own data', async () => {
  await using testbed = new Testbed()
  await subscribed(await testbed.connect(ann), 'presence-room')
  const { channel } = await subscribed<PresenceChannel>(await testbed.connect(bob), 'presence-room')
  expect(channel.members.count).toBe(2)
  expect(channel.members.me).toEqual({ id: 'bob', info: bob.user_info })
  const everyMember: unknown[] = []
  channel.members.each((member: unknown) => everyMember.push(member))
  expect(everyMember).toEqual([
    { id: 'ann', info: ann.user_info },
    { id: 'bob', info: bob.user_info },
  ])
})

test('pusher-js: the other members receive member_added and member_removed', async () => {
  await using testbed = new Testbed()
  const { channel, events } = await subscribed<PresenceChannel>(await testbed.connect(ann), 'presence-room')
  const guest = await testbed.connect(bob)
  await subscribed(guest, 'presence-room')
  expect(await events.next()).toEqual(['pusher:member_added', { id: 'bob', info: bob.user_info }])
  expect(channel.members.count).toBe(2)
  guest.unsubscribe('presence-room')
  expect(await events.next()).toEqual(['pusher:member_removed', { id: 'bob', info: bob.user_info }])
  expect(channel.members.count).toBe(1)
})

test('pusher-js: a user with two sockets is one member until the second socket leaves', async () => {
  await using testbed = new Testbed()
  const { channel, events } = await subscribed<PresenceChannel>(await testbed.connect(ann), 'presence-room')
  const [phone, laptop] = [await testbed.connect(bob), await testbed.connect(bob)]
  await subscribed(phone, 'presence-room')
  expect(await events.next()).toEqual(['pusher:member_added', { id: 'bob', info: bob.user_info }])
  const { channel: second, events: laptopHeard } = await subscribed<PresenceChannel>(laptop, 'presence-room')
  expect(second.members.count).toBe(2)
  phone.disconnect()
  await testbed.sdk.trigger('presence-room', 'still', {})
  expect(await laptopHeard.next()).toEqual(['still', {}])
  expect(await events.next()).toEqual(['still', {}])
  expect(channel.members.get('bob')).toEqual({ id: 'bob', info: bob.user_info })
  laptop.disconnect()
  expect(await events.next()).toEqual(['pusher:member_removed', { id: 'bob', info: bob.user_info }])
})

test('pusher-js: the HTTP API answers with the same members', async () => {
  await using testbed = new Testbed()
  for (const user of [ann, ann, bob]) await subscribed(await testbed.connect(user), 'presence-room')
  const users = await (await testbed.sdk.get({ path: '/channels/presence-room/users' })).json()
  expect(users).toEqual({ users: [{ id: 'ann' }, { id: 'bob' }] })
  const channel = await testbed.sdk.get({ path: '/channels/presence-room', params: { info: 'user_count' } })
  expect(await channel.json()).toMatchObject({ occupied: true, user_count: 2 })
})

test('pusher-js: a member that leaves and joins repeatedly is announced once a second, and the lists are right in the end', async () => {
  await using testbed = new Testbed()
  const { channel, events } = await subscribed<PresenceChannel>(await testbed.connect(ann), 'presence-room')
  const guest = await testbed.connect(bob)
  const startedAtMs = performance.now()
  for (let i = 0; i < 10; i++) {
    const { channel: own } = await subscribed<PresenceChannel>(guest, 'presence-room')
    expect(own.members.me).toEqual({ id: 'bob', info: bob.user_info })
    guest.unsubscribe('presence-room')
  }
  await subscribed(guest, 'presence-room')
  const late = await subscribed<PresenceChannel>(await testbed.connect({ id: 'cat' }), 'presence-room')
  expect(late.channel.members.count).toBe(3)
  guest.unsubscribe('presence-room')

  const ofBob: string[] = []
  while (channel.members.get('cat') === null || channel.members.get('bob') !== null) {
    const [event, { id }] = await events.next()
    if (id === 'bob') ofBob.push(event)
  }
  const seconds = Math.ceil((performance.now() - startedAtMs) / 1000)
  expect(ofBob).toEqual(ofBob.map((_, i) => (i % 2 === 0 ? 'pusher:member_added' : 'pusher:member_removed')))
  expect(ofBob.length).toBeLessThanOrEqual(2 + 2 * seconds)
  while (late.channel.members.get('bob') !== null) await late.events.next()
  expect([channel.members.count, late.channel.members.count]).toEqual([2, 2])
})

test('pusher-js: a page that subscribes and unsubscribes in a loop is subscribed each time, with a delay when it is too often', async () => {
  await using testbed = new Testbed({ maxMessageBytes: 1_000_000 })
  const { app, refusals } = testbed.server
  const member = { user_id: 'long', user_info: 'x'.repeat(900_000) }
  await (await testbed.server.connect()).subscribe('presence-room', { app, member })
  const page = await testbed.connect(bob)
  while (refusals.length === 0) {
    const { channel } = await subscribed<PresenceChannel>(page, 'presence-room')
    expect([channel.members.count, channel.members.me.id]).toEqual([2, 'bob'])
    page.unsubscribe('presence-room')
  }
  expect(refusals.map(({ refusal, about }) => [refusal, about])).toEqual([['subscription-repeat', 'presence-room']])
  await subscribed(page, 'presence-room')
  const users = await (await testbed.sdk.get({ path: '/channels/presence-room/users' })).json()
  expect(users).toEqual({ users: [{ id: 'long' }, { id: 'bob' }] })
})
