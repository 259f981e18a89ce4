/** pusher-js 8: who is on a presence channel. */
import { expect, test } from 'bun:test'
import type { PresenceChannel } from 'pusher-js'
import { joined } from './support/heard.ts'
import { Site } from './support/site.ts'

const ann = { id: 'ann', user_info: { name: 'Ann', since: { year: 2019 } } }
const bob = { id: 'bob', user_info: { name: 'Bób 🎨' } }

test('whoever comes sees who is there, and who it is itself', async () => {
  await using site = new Site()
  await joined(await site.connect(ann), 'presence-room')
  const { channel } = await joined<PresenceChannel>(await site.connect(bob), 'presence-room')
  expect(channel.members.count).toBe(2)
  expect(channel.members.me).toEqual({ id: 'bob', info: bob.user_info })
  const everybody: unknown[] = []
  channel.members.each((member: unknown) => everybody.push(member))
  expect(everybody).toEqual([
    { id: 'ann', info: ann.user_info },
    { id: 'bob', info: bob.user_info },
  ])
})

test('the others are told who comes and who goes', async () => {
  await using site = new Site()
  const { channel, heard } = await joined<PresenceChannel>(await site.connect(ann), 'presence-room')
  const guest = await site.connect(bob)
  await joined(guest, 'presence-room')
  expect(await heard.next()).toEqual(['pusher:member_added', { id: 'bob', info: bob.user_info }])
  expect(channel.members.count).toBe(2)
  guest.unsubscribe('presence-room')
  expect(await heard.next()).toEqual(['pusher:member_removed', { id: 'bob', info: bob.user_info }])
  expect(channel.members.count).toBe(1)
})

test('a user on two sockets is one member, until the second is gone', async () => {
  await using site = new Site()
  const { channel, heard } = await joined<PresenceChannel>(await site.connect(ann), 'presence-room')
  const [phone, laptop] = [await site.connect(bob), await site.connect(bob)]
  await joined(phone, 'presence-room')
  expect(await heard.next()).toEqual(['pusher:member_added', { id: 'bob', info: bob.user_info }])
  const { channel: second, heard: laptopHeard } = await joined<PresenceChannel>(laptop, 'presence-room')
  expect(second.members.count).toBe(2)
  phone.disconnect()
  await site.sdk.trigger('presence-room', 'still', {})
  expect(await laptopHeard.next()).toEqual(['still', {}])
  expect(await heard.next()).toEqual(['still', {}])
  expect(channel.members.get('bob')).toEqual({ id: 'bob', info: bob.user_info })
  laptop.disconnect()
  expect(await heard.next()).toEqual(['pusher:member_removed', { id: 'bob', info: bob.user_info }])
})

test('the application is told the same', async () => {
  await using site = new Site()
  for (const user of [ann, ann, bob]) await joined(await site.connect(user), 'presence-room')
  const users = await (await site.sdk.get({ path: '/channels/presence-room/users' })).json()
  expect(users).toEqual({ users: [{ id: 'ann' }, { id: 'bob' }] })
  const channel = await site.sdk.get({ path: '/channels/presence-room', params: { info: 'user_count' } })
  expect(await channel.json()).toMatchObject({ occupied: true, user_count: 2 })
})

test('a member that leaves and joins in a hurry is announced once a second, and the lists are right in the end', async () => {
  await using site = new Site()
  const { channel, heard } = await joined<PresenceChannel>(await site.connect(ann), 'presence-room')
  const guest = await site.connect(bob)
  const startedAtMs = performance.now()
  for (let i = 0; i < 10; i++) {
    const { channel: own } = await joined<PresenceChannel>(guest, 'presence-room')
    expect(own.members.me).toEqual({ id: 'bob', info: bob.user_info })
    guest.unsubscribe('presence-room')
  }
  await joined(guest, 'presence-room')
  const late = await joined<PresenceChannel>(await site.connect({ id: 'cat' }), 'presence-room')
  expect(late.channel.members.count).toBe(3)
  guest.unsubscribe('presence-room')

  const ofBob: string[] = []
  while (channel.members.get('cat') === null || channel.members.get('bob') !== null) {
    const [event, { id }] = await heard.next()
    if (id === 'bob') ofBob.push(event)
  }
  const seconds = Math.ceil((performance.now() - startedAtMs) / 1000)
  expect(ofBob).toEqual(ofBob.map((_, i) => (i % 2 === 0 ? 'pusher:member_added' : 'pusher:member_removed')))
  expect(ofBob.length).toBeLessThanOrEqual(2 + 2 * seconds)
  while (late.channel.members.get('bob') !== null) await late.heard.next()
  expect([channel.members.count, late.channel.members.count]).toEqual([2, 2])
})

test('a page that subscribes and unsubscribes without end is subscribed each time, later when it is too often', async () => {
  await using site = new Site({ maxMessageBytes: 1_000_000 })
  const { app, refusals } = site.server
  const member = { user_id: 'long', user_info: 'x'.repeat(900_000) }
  await (await site.server.connect()).subscribe('presence-room', { app, member })
  const page = await site.connect(bob)
  while (refusals.length === 0) {
    const { channel } = await joined<PresenceChannel>(page, 'presence-room')
    expect([channel.members.count, channel.members.me.id]).toEqual([2, 'bob'])
    page.unsubscribe('presence-room')
  }
  expect(refusals.map(({ refusal, about }) => [refusal, about])).toEqual([['subscription-repeat', 'presence-room']])
  await joined(page, 'presence-room')
  const users = await (await site.sdk.get({ path: '/channels/presence-room/users' })).json()
  expect(users).toEqual({ users: [{ id: 'long' }, { id: 'bob' }] })
})
