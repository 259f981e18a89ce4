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
