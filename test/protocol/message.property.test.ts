import { expect, test } from 'bun:test'
import { PusherError } from '../../src/protocol/errors.ts'
import { type Message, parseMessage } from '../../src/protocol/message.ts'
import { jsonMembers, jsonText, objectText } from '../support/json-text.ts'
import { anyText, changed, fc } from '../support/property.ts'

/** The message, or undefined for one that is refused; any other error is a fault. */
function parsed(text: string): Message | undefined {
  try {
    return parseMessage(text)
  } catch (error) {
    if (error instanceof PusherError && error.code === 4200) return undefined
    throw error
  }
}

const events = fc.oneof(
  fc.constantFrom('ping', 'pong', 'subscribe', 'unsubscribe', 'signin', 'error', '').map(name => `pusher:${name}`),
  fc.constantFrom('pusher_internal:member_added', 'client-', 'client-x', ''),
  anyText,
)
const fields = fc.record(
  {
    channel: fc.oneof(anyText, fc.jsonValue()),
    auth: fc.oneof(anyText, fc.jsonValue()),
    channel_data: fc.oneof(anyText, fc.jsonValue()),
    user_data: fc.oneof(anyText, fc.jsonValue()),
  },
  { requiredKeys: [] },
)
const data = fc.oneof(
  fields,
  fields.map(object => JSON.stringify(object)),
  fc.jsonValue(),
)
const messages = fc.record(
  { event: fc.oneof(events, fc.jsonValue()), data, channel: fc.oneof(anyText, fc.jsonValue()) },
  { requiredKeys: ['event'] },
)

test('any text is a message, or is refused', () => {
  fc.assert(fc.property(anyText, text => void parsed(text)))
})

test('any JSON is a message or is refused', () => {
  fc.assert(fc.property(jsonText, text => void parsed(text)))
  fc.assert(fc.property(jsonMembers.chain(objectText), text => void parsed(text)))
})

test('a message with fields of any kind is a message or is refused', () => {
  fc.assert(
    fc.property(messages, message => {
      const result = parsed(JSON.stringify(message))
      if (result === undefined) return
      expect(typeof message.event).toBe('string')
      for (const [field, value] of Object.entries(result)) {
        const may = ['auth', 'channelData'].includes(field) ? ['string', 'undefined'] : ['string']
        expect(may, field).toContain(typeof value)
      }
    }),
    { numRuns: 2000 },
  )
})

test('a message with one wrong character is another message, or is refused', () => {
  const mutants = messages.chain(message => changed(JSON.stringify(message)))
  fc.assert(
    fc.property(mutants, text => void parsed(text)),
    { numRuns: 1000 },
  )
})

test('a subscription has the fields that were sent', () => {
  const sent = fc.record({ channel: anyText, auth: anyText, channel_data: anyText })
  const subscribe = (data: unknown) => parsed(JSON.stringify({ event: 'pusher:subscribe', data }))
  fc.assert(
    fc.property(sent, request => {
      const { channel, auth, channel_data } = request
      const channelData = ['', '0'].includes(channel_data) ? undefined : channel_data
      expect(subscribe(request)).toEqual({ type: 'subscribe', channel, auth, channelData })
      expect(subscribe(JSON.stringify(request))).toEqual({ type: 'subscribe', channel, auth, channelData })
    }),
  )
})

test('the data of a client event stays as it was written', () => {
  const name = fc.string({ unit: 'grapheme' }).map(rest => `client-${rest}`)
  const channel = fc.string({ unit: 'grapheme', minLength: 1 })
  const message = fc.tuple(name, channel, jsonText, jsonMembers).chain(([event, channel, data, others]) => {
    const mine = [
      ['"event"', JSON.stringify(event)],
      ['"channel"', JSON.stringify(channel)],
      ['"data"', data],
    ] as const
    const members = [...others.filter(([key]) => !['event', 'channel', 'data'].includes(JSON.parse(key) as string)), ...mine]
    return fc.tuple(objectText(members), fc.constant({ type: 'client-event' as const, event, channel, data }))
  })
  fc.assert(fc.property(message, ([text, expected]) => expect(parsed(text)).toEqual(expected)))
})
