import { describe, expect, test } from 'bun:test'
import type { Publication } from '../../src/core/hub.ts'
import { batchEvents, events } from '../../src/http/events.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put } from '../support/core.ts'

const everyApp = testApp()

function publishing(app = everyApp) {
  const hub = hubWith(app, '1.1', '2.2')
  put(hub, app, '1.1', 'news')
  put(hub, app, '1.1', 'presence-x', '{"user_id":1}')
  put(hub, app, '2.2', 'presence-x', '{"user_id":1}')
  const published: Publication[] = []
  const publish = (to: typeof app, publication: Publication) => {
    expect(to).toBe(app)
    hub.publish(to, publication, 1)
    published.push(publication)
  }
  return {
    published,
    events: (body: object) => events({ name: 'e', data: 'd', ...body }, app, hub.queries, publish, 1),
    batch: (batch: unknown) => batchEvents({ batch }, app, hub.queries, publish, 1),
    /** The faults of a body that is refused, of which nothing may have been published. */
    faults(act: () => object) {
      try {
        act()
      } catch (error) {
        expect(error).toMatchObject({ name: 'InvalidBody' })
        expect(published).toEqual([])
        return (error as { fields?: object }).fields
      }
      return undefined
    },
  }
}

const item = (changes: object = {}) => ({ name: 'e', data: 'd', channel: 'news', ...changes })

describe('an event', () => {
  test('is published on one channel or on several', () => {
    const { events, published } = publishing()
    expect(events({ channel: 'news' })).toEqual({})
    expect(events({ channels: ['a', 'b', 'a'], socket_id: '1.1' })).toEqual({})
    expect(published).toMatchObject([
      { name: 'e', data: 'd', channels: ['news'], exceptSocketId: undefined },
      { name: 'e', data: 'd', channels: ['a', 'b', 'a'], exceptSocketId: '1.1' },
    ])
  })

  test('is published on channels rather than channel, unless that is blank', () => {
    const { events, published } = publishing()
    events({ channels: ['a'], channel: 'b' })
    events({ channels: [], channel: 'b' })
    events({ channels: null, channel: 'b' })
    expect(published.map(({ channels }) => channels)).toEqual([['a'], ['b'], ['b']])
  })

  test('excludes no socket with an empty socket_id, and keeps its data unchanged', () => {
    const { events, published } = publishing()
    events({ channel: 'a', socket_id: '', data: ' {"a": 1.0} ' })
    expect(published).toMatchObject([{ data: ' {"a": 1.0} ', exceptSocketId: undefined }])
  })

  test('is answered with the attributes of its channels that info asks for', () => {
    const { events } = publishing()
    const channels = ['news', 'presence-x', 'empty', 'presence-empty']
    expect(events({ channels, info: 'user_count,subscription_count' })).toEqual({
      channels: {
        news: { subscription_count: 1 },
        'presence-x': { user_count: 1, subscription_count: 2 },
        empty: { subscription_count: 0 },
        'presence-empty': { user_count: 0, subscription_count: 0 },
      },
    })
    expect(events({ channel: '__proto__', info: '' })).toEqual({ channels: Object.fromEntries([['__proto__', {}]]) })
  })

  const required = (field: string) => [`The ${field} field is required.`]

  test.each<[object, object]>([
    [
      { name: undefined, data: undefined },
      {
        name: required('name'),
        data: required('data'),
        channels: ['The channels field is required when channel is not present.'],
        channel: ['The channel field is required when channels is not present.'],
      },
    ],
    [{ channel: 'a', name: ' ' }, { name: required('name') }],
    [{ channel: 'a', name: 5 }, { name: ['The name field must be a string.'] }],
    [{ channel: 'a', data: '' }, { data: required('data') }],
    [{ channel: 'a', data: { a: 1 } }, { data: ['The data field must be a string.'] }],
    [{ channel: 'a', data: [] }, { data: required('data') }],
    [{ channel: 5 }, { channel: ['The channel field must be a string.'] }],
    [
      { channel: ' ' },
      {
        channels: ['The channels field is required when channel is not present.'],
        channel: ['The channel field is required when channels is not present.'],
      },
    ],
    [{ channels: 'a' }, { channels: ['The channels field must be an array.'] }],
    [{ channels: { a: 'b' } }, { channels: ['The channels field must be an array.'] }],
    [
      { channels: ['a', null, 5] },
      {
        'channels.1': ['The channels.1 field is required.'],
        'channels.2': ['The channels.2 field must be a string.'],
      },
    ],
    [{ channel: 'a', socket_id: null }, { socket_id: ['The socket id field must be a string.'] }],
    [{ channel: 'a', info: ['user_count'] }, { info: ['The info field must be a string.'] }],
  ])('is refused as %j', (body, fields) => {
    const { events, faults } = publishing()
    expect(faults(() => events(body))).toEqual(fields)
  })
})

describe('a batch', () => {
  test('is published in order', () => {
    const { batch, published } = publishing()
    expect(batch([item(), item({ channel: 'b', name: 'f', data: 'g', socket_id: '1.1' })])).toEqual({})
    expect(published).toMatchObject([
      { name: 'e', data: 'd', channels: ['news'], exceptSocketId: undefined },
      { name: 'f', data: 'g', channels: ['b'], exceptSocketId: '1.1' },
    ])
  })

  test('is answered with the attributes that each event asks for, where any does', () => {
    const { batch } = publishing()
    const asked = item({ channel: 'presence-x', info: 'user_count' })
    expect(batch([item(), asked, item({ info: 'nonsense' })])).toEqual({ batch: [{}, { user_count: 1 }, {}] })
  })

  test('publishes nothing unless all events are valid', () => {
    const { batch, faults } = publishing()
    expect(faults(() => batch([item(), { channel: 5 }, 5, item({ channels: ['a'], channel: undefined })]))).toEqual({
      'batch.1.name': ['The batch.1.name field is required.'],
      'batch.1.data': ['The batch.1.data field is required.'],
      'batch.1.channel': ['The batch.1.channel field must be a string.'],
      'batch.2.name': ['The batch.2.name field is required.'],
      'batch.2.data': ['The batch.2.data field is required.'],
      'batch.2.channel': [expect.stringContaining('The batch.2.channel field is required')],
      'batch.3.channel': [expect.stringContaining('The batch.3.channel field is required')],
    })
  })

  test.each([[undefined], [null], [[]], [{}], ['']])('may not be %j', given => {
    const { batch, faults } = publishing()
    expect(faults(() => batch(given))).toEqual({ batch: ['The batch field is required.'] })
  })

  test.each([['text'], [5], [{ a: 1 }]])('is a list, not %j', given => {
    const { batch, faults } = publishing()
    expect(faults(() => batch(given))).toEqual({ batch: ['The batch field must be an array.'] })
  })
})

describe('the limit', () => {
  const limited = testApp({
    limits: { channelsPerEvent: 2, eventsPerBatch: 2, eventNameLength: 3, channelNameLength: 4, eventDataBytes: 5 },
  })
  const refused = (act: () => object) => {
    try {
      return act()
    } catch (error) {
      const { status, message, fields } = error as { status?: number; message: string; fields?: object }
      return status === undefined ? { fields } : { status, message }
    }
  }

  test('of channels refuses an event with more', () => {
    const { events, published } = publishing(limited)
    expect(refused(() => events({ channels: ['a', 'b', 'c'] }))).toEqual({
      status: 400,
      message: 'Too many channels (3 > 2, limits.channels_per_event)',
    })
    expect(published).toEqual([])
    expect(events({ channels: ['a', 'b'] })).toEqual({})
  })

  test('of events refuses a batch with more', () => {
    const { batch, published } = publishing(limited)
    expect(refused(() => batch([item(), item(), item()]))).toEqual({
      status: 400,
      message: 'Batch too large (3 > 2, limits.events_per_batch)',
    })
    expect(published).toEqual([])
    expect(batch([item(), item()])).toEqual({})
  })

  test('of characters refuses longer names', () => {
    const { events, batch, published } = publishing(limited)
    const fields = {
      name: ['The event name is longer than 3 characters.'],
      channel: ['The channel name is longer than 4 characters.'],
    }
    expect(refused(() => events({ name: 'long', channel: 'longs' }))).toEqual({ fields })
    expect(refused(() => batch([item({ name: 'long', channel: 'longs' })]))).toEqual({
      fields: { 'batch.0.name': fields.name, 'batch.0.channel': fields.channel },
    })
    expect(published).toEqual([])
    expect(events({ name: 'abc', channel: 'abcd' })).toEqual({})
  })

  test('to the characters that Pusher allows refuses others', () => {
    const { events, published } = publishing(testApp({ limits: { channelNameCharset: 'pusher' } }))
    const charset = 'The channel name has characters other than A-Z a-z 0-9 _ - = @ , . ;'
    expect(refused(() => events({ channels: ['a', 'b/c'] }))).toEqual({ fields: { 'channels.1': [charset] } })
    expect(published).toEqual([])
  })

  test('does not exist by default, as in Reverb', () => {
    const { events, batch, published } = publishing()
    expect(events({ name: 'n'.repeat(5000), channels: Array.from({ length: 300 }, (_, i) => `room ${i}/ü`) })).toEqual({})
    expect(batch(Array.from({ length: 50 }, () => item()))).toEqual({})
    expect(published).toHaveLength(51)
  })

  test('of bytes of data refuses a whole batch before any event of it is published', () => {
    const { events, batch, published } = publishing(limited)
    const tooLarge = {
      status: 413,
      message: 'The data content of this event exceeds the allowed maximum (5 bytes, limits.event_data_bytes)',
    }
    expect(refused(() => events({ channel: 'a', data: 'äää' }))).toEqual(tooLarge)
    expect(refused(() => batch([item(), item({ data: '123456' })]))).toEqual(tooLarge)
    expect(published).toEqual([])
    expect(batch([item({ data: '12345' })])).toEqual({})
  })
})

test("a user's own channel can be published to", () => {
  const { events, published } = publishing()
  expect(events({ channel: '#server-to-user-a/b' })).toEqual({})
  expect(published).toMatchObject([{ channels: ['#server-to-user-a/b'] }])
})
