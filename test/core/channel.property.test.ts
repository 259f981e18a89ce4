/** Channels of any name: nothing of one reaches another, and every frame names the channel that it is for. */
import { expect, test } from 'bun:test'
import type { Effect } from '../../src/core/effect.ts'
import { channelOfTopic } from '../../src/core/state.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put, signedSubscribing, subscribing, unsubscribing } from '../support/core.ts'
import { namesOf } from '../support/names.ts'
import { fc } from '../support/property.ts'

const app = testApp({ clientEventsFrom: 'members' })
const everything = new Set(['subscription_count', 'user_count', 'cache'])
const isBroadcast = (effect: Effect) => effect.type === 'broadcast'
const sentTo = (socketId: string, effects: readonly Effect[]) =>
  effects.flatMap(effect => (effect.type === 'send' && effect.socketId === socketId ? [JSON.parse(effect.frame)] : []))

test('a subscriber receives the events of its channel, and none of another channel', () => {
  fc.assert(
    fc.property(namesOf('', 'cache-'), namesOf('', 'cache-'), (name, other) => {
      const hub = hubWith(app, '1.1')
      const welcome = hub.message('1.1', subscribing({ channel: name }), 1)
      expect(sentTo('1.1', welcome)[0]).toEqual({ event: 'pusher_internal:subscription_succeeded', data: '{}', channel: name })
      const event = { name: 'e', data: 'd', channels: [name, other], exceptSocketId: undefined }
      const [here, there] = hub.publish(app, event, 1).filter(isBroadcast)
      expect(JSON.parse(here!.frame)).toEqual({ event: 'e', data: 'd', channel: name })
      expect(channelOfTopic(hub.state, here!.topic)!.localSubscribers).toEqual(new Set(['1.1']))
      expect(here!.topic === there!.topic).toBe(name === other)
      expect(hub.queries.channelInfos(app.id, '', everything, 1).map(([found]) => found)).toEqual([name])
      expect(hub.queries.channelInfo(app.id, name, everything, 1)).toMatchObject({ occupied: true, subscription_count: 1 })
      hub.message('1.1', unsubscribing(name), 1)
      expect(hub.queries.channelInfos(app.id, '', everything, 1)).toEqual([])
    }),
  )
})

test('a cache channel sends its own last event', () => {
  fc.assert(
    fc.property(namesOf('cache-', 'private-cache-', 'private-encrypted-cache-'), namesOf('cache-'), (name, other) => {
      const hub = hubWith(app, '1.1')
      for (const [channel, data] of [[name, 'mine'], ...(name === other ? [] : [[other, 'theirs']])] as const)
        hub.publish(app, { name: 'e', data, channels: [channel], exceptSocketId: undefined }, 1)
      const effects = hub.message('1.1', signedSubscribing(app, '1.1', name), 1)
      expect(sentTo('1.1', effects)[1]).toEqual({ event: 'e', data: 'mine', channel: name })
      expect(hub.queries.channelInfo(app.id, name, everything, 1).cache).toEqual({ event: 'e', data: 'mine', channel: name })
    }),
  )
})

test('members and client events stay within their channel', () => {
  fc.assert(
    fc.property(namesOf('presence-'), namesOf('presence-'), (name, other) => {
      fc.pre(name !== other)
      const hub = hubWith(app, '1.1', '2.2', '3.3')
      put(hub, app, '1.1', name, '{"user_id":"ann"}')
      put(hub, app, '2.2', other, '{"user_id":"bob"}')
      const effects = hub.message('3.3', signedSubscribing(app, '3.3', name, '{"user_id":"eve"}'), 1)
      const [added] = effects.filter(isBroadcast)
      expect(JSON.parse(added!.frame)).toMatchObject({ event: 'pusher_internal:member_added', channel: name })
      expect(JSON.parse(sentTo('3.3', effects)[0].data).presence.ids).toEqual(['ann', 'eve'])
      expect(hub.queries.userIds(app.id, other)).toEqual(['"bob"'])
      const [whisper] = hub.message('1.1', JSON.stringify({ event: 'client-x', channel: name, data: 1 }), 1).filter(isBroadcast)
      expect(JSON.parse(whisper!.frame)).toEqual({ event: 'client-x', channel: name, data: 1, user_id: 'ann' })
      expect(channelOfTopic(hub.state, whisper!.topic)!.localSubscribers).toEqual(new Set(['1.1', '3.3']))
    }),
  )
})

test('a signature for a name does not authorize another name that is the same in UTF-8 alone', () => {
  const hub = hubWith(app, '1.1')
  put(hub, app, '1.1', 'private-\ud800')
  expect(hub.queries.channelInfos(app.id, '', everything, 1)).toEqual([])
  put(hub, app, '1.1', 'private-\ufffd')
  expect(hub.queries.channelInfos(app.id, '', everything, 1)).toHaveLength(1)
})
