import { describe, expect, test } from 'bun:test'
import { decodeDocument } from '../../src/config/bridge.ts'
import { testLimits } from '../support/apps.ts'

describe('the limits of an app', () => {
  const limitsOf = (limits: unknown) => {
    const document = { version: 1, apps: [{ app_id: '1', key: 'k', secret: 's', limits }] }
    return decodeDocument(JSON.stringify(document)).config.apps[0]!.limits
  }
  const preset = 'apps.apps.0.limits.preset (REVURB_LIMITS)'
  const pusher = {
    channelsPerEvent: 100,
    eventsPerBatch: 10,
    eventNameLength: 200,
    eventDataBytes: 10_240,
    channelNameLength: 200,
    channelNameCharset: 'pusher',
    channelsPerSocket: Number.POSITIVE_INFINITY,
    presenceMembers: 100,
    presenceUserInfoBytes: 1024,
    clientEventsPerSecond: 10,
    watchlistUsers: 100,
  } as const
  const none = Number.POSITIVE_INFINITY

  test.each([[undefined], [null], [''], [false], [{}], [[]], [{ preset: null }], [{ preset: '' }], [{ presence_members: null }]])(
    '%j: none that Reverb does not have',
    limits => expect(limitsOf(limits)).toEqual(testLimits),
  )

  test.each([['pusher'], [{ preset: 'pusher' }], [{ preset: 'pusher', presence_members: null, client_events_per_second: '' }]])(
    '%j: those of Pusher',
    limits => expect(limitsOf(limits)).toEqual(pusher),
  )

  test('can be set one by one, with a preset or without', () => {
    expect(limitsOf({ preset: 'pusher', presence_members: '500', client_events_per_second: 0 })).toEqual({
      ...pusher,
      presenceMembers: 500,
      clientEventsPerSecond: none,
    })
    expect(limitsOf({ preset: 'pusher', channel_name_charset: 'any' })).toEqual({ ...pusher, channelNameCharset: 'any' })
    expect(limitsOf({ presence_members: 500 })).toEqual({ ...testLimits, presenceMembers: 500 })
  })

  test.each([
    ['pushr', `${preset} must be "pusher", for the limits that Pusher documents, or empty, for none, is "pushr"`],
    [{ preset: 'reverb' }, `${preset} must be "pusher", for the limits that Pusher documents, or empty, for none, is "reverb"`],
    [{ preset: true }, `${preset} must be "pusher", for the limits that Pusher documents, or empty, for none, is true`],
    [100, 'apps.apps.0.limits must be an array with keys, is 100'],
    [['pusher'], 'apps.apps.0.limits must be an array with keys, is a list'],
    [{ channel_name_charset: 'ascii' }, 'apps.apps.0.limits.channel_name_charset must be "any" or "pusher", is "ascii"'],
    [
      { presence_members: -1 },
      'apps.apps.0.limits.presence_members (REVURB_PRESENCE_MEMBERS) must be a whole number of at least 0, is -1',
    ],
  ])('%j is refused', (limits, message) => expect(() => limitsOf(limits)).toThrow(message))
})
