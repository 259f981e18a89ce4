import { describe, expect, test } from 'bun:test'
import * as frames from '../../src/protocol/frames.ts'
import type { Member } from '../../src/protocol/member.ts'
import { jsonText } from '../support/json-text.ts'
import { anyText, fc } from '../support/property.ts'

/** Every frame is one JSON object; the data of the protocol's own events is encoded twice. */
const read = (frame: string) => JSON.parse(frame) as { event: string; channel?: string; data?: unknown; user_id?: unknown }
const twice = (frame: string): unknown => JSON.parse(read(frame).data as string)

const members: fc.Arbitrary<Member> = fc.record({
  key: anyText,
  idJson: fc.oneof(
    anyText.map(text => JSON.stringify(text)),
    fc.integer().map(String),
    fc.constantFrom('1.0', '12345678901234567890'),
  ),
  infoJson: fc.option(jsonText, { nil: undefined }),
})
const distinctMembers = fc.uniqueArray(members, { selector: member => member.key, maxLength: 6 })

function check<Ts extends [unknown, ...unknown[]]>(
  arbitraries: { [K in keyof Ts]: fc.Arbitrary<Ts[K]> },
  predicate: (...values: Ts) => void,
): void {
  fc.assert(fc.property(...arbitraries, predicate))
}

describe('a frame of the protocol is well-formed for any names and ids:', () => {
  test('connection_established', () =>
    check([anyText, fc.nat()], (id, seconds) => {
      const frame = frames.connectionEstablished(id, seconds)
      expect(read(frame).event).toBe('pusher:connection_established')
      expect(twice(frame)).toEqual({ socket_id: id, activity_timeout: seconds })
    }))

  test('error', () =>
    check([fc.integer(), anyText], (code, message) => {
      expect(read(frames.error(code, message)).event).toBe('pusher:error')
      expect(twice(frames.error(code, message))).toEqual({ code, message })
    }))

  test('subscription_error has its data as an object', () =>
    check([anyText, anyText], (channel, message) => {
      const { event, channel: on, data } = read(frames.subscriptionError(channel, message, 401))
      expect([event, on, data]).toEqual([
        'pusher:subscription_error',
        channel,
        { type: 'AuthError', error: message, status: 401 },
      ])
    }))

  test('subscription_succeeded', () =>
    check([anyText], channel => {
      const frame = frames.subscriptionSucceeded(channel)
      expect(read(frame)).toMatchObject({ event: 'pusher_internal:subscription_succeeded', channel })
      expect(twice(frame)).toEqual({})
    }))

  test('subscription_succeeded of a presence channel', () =>
    check([anyText, distinctMembers], (channel, list) => {
      const frame = frames.presenceSucceeded(channel, frames.presenceList(list.map(frames.presenceEntry)))
      expect(read(frame)).toMatchObject({ event: 'pusher_internal:subscription_succeeded', channel })
      const ids = list.map(({ idJson }) => JSON.parse(idJson) as unknown)
      const hash = Object.fromEntries(list.map(({ key, infoJson }) => [key, JSON.parse(infoJson ?? 'null') as unknown]))
      expect(twice(frame)).toEqual({ presence: { count: list.length, ids, hash } })
      for (const { idJson, infoJson } of list) expect(read(frame).data as string).toContain(infoJson ?? idJson)
    }))

  test('member_added and member_removed', () =>
    check([anyText, members], (channel, member) => {
      const added = frames.memberAdded(channel, member)
      const removed = frames.memberRemoved(channel, member)
      const user_id = JSON.parse(member.idJson) as unknown
      const info = member.infoJson === undefined ? {} : { user_info: JSON.parse(member.infoJson) as unknown }
      expect(read(added)).toMatchObject({ event: 'pusher_internal:member_added', channel })
      expect(read(removed)).toMatchObject({ event: 'pusher_internal:member_removed', channel })
      expect(twice(added)).toEqual({ user_id, ...info })
      expect(twice(removed)).toEqual({ user_id })
    }))

  test('subscription_count, cache_miss', () =>
    check([anyText, fc.nat()], (channel, count) => {
      expect(read(frames.subscriptionCount(channel, count))).toMatchObject({
        event: 'pusher_internal:subscription_count',
        channel,
      })
      expect(twice(frames.subscriptionCount(channel, count))).toEqual({ subscription_count: count })
      expect(read(frames.cacheMiss(channel))).toEqual({ event: 'pusher:cache_miss', channel })
    }))

  test('signin_success, watchlist_events', () =>
    check([anyText, fc.array(anyText)], (userData, user_ids) => {
      expect(read(frames.signinSuccess(userData)).event).toBe('pusher:signin_success')
      expect(twice(frames.signinSuccess(userData))).toEqual({ user_data: userData })
      const events = [{ name: 'online' as const, user_ids }]
      expect(read(frames.watchlistEvents(events)).event).toBe('pusher_internal:watchlist_events')
      expect(twice(frames.watchlistEvents(events))).toEqual({ events })
    }))
})

test('an event of the application carries any text', () => {
  check([anyText, anyText, anyText], (event, channel, data) => {
    expect(read(frames.event(event, data, channel))).toEqual({ event, channel, data })
  })
})

test('a client event carries its JSON as it was written', () => {
  const id = fc.option(anyText, { nil: undefined })
  check([anyText, anyText, jsonText, id], (event, channel, data, userId) => {
    const frame = frames.clientEvent(event, channel, data, userId === undefined ? undefined : JSON.stringify(userId))
    const user = userId === undefined ? {} : { user_id: userId }
    expect(read(frame)).toEqual({ event, channel, data: JSON.parse(data) as unknown, ...user })
    expect(frame).toContain(`"data":${data}`)
  })
})
