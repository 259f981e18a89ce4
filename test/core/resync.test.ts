import { describe, expect, test } from 'bun:test'
import { newChannel } from '../../src/core/channel.ts'
import type { Entry } from '../../src/core/entry.ts'
import { Resync } from '../../src/core/resync.ts'

const room = newChannel('1', 'presence-room')
const member: Entry = { kind: 'member', appId: '1', channel: room.name, key: 'ann', member: undefined }
const subscriptions: Entry = { kind: 'subscriptions', appId: '1', channel: room.name, count: 1 }
const connections: Entry = { kind: 'connections', appId: '1', count: 1 }
const user: Entry = { kind: 'user', appId: '1', userId: 'ann', isHere: true }

describe('the snapshot of another node', () => {
  test.each([
    ['connections', connections, undefined, { ...connections, appId: '2' }, undefined],
    ['user', user, undefined, { ...user, userId: 'ben' }, undefined],
    ['user of an app', user, undefined, { ...user, appId: '2' }, undefined],
    ['subscriptions', subscriptions, room, subscriptions, newChannel('1', 'other')],
    ['member', member, room, { ...member, key: 'ben' }, room],
    ['member of a channel', member, room, member, newChannel('1', 'other')],
  ] as const)('contains the %s entry that was sent, and no other', (_, sent, channel, other, otherChannel) => {
    const resync = new Resync()
    expect(resync.has(sent, channel)).toBe(false)
    resync.add(sent, channel)
    expect(resync.has(sent, channel)).toBe(true)
    expect(resync.has(other, otherChannel)).toBe(false)
  })

  test('contains no entry of a channel without subscribers, of which nothing is kept', () => {
    const resync = new Resync()
    resync.add(subscriptions, undefined)
    resync.add(member, undefined)
    expect([resync.has(subscriptions, room), resync.has(member, room)]).toEqual([false, false])
  })
})
