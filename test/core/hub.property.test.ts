import { describe, expect, test } from 'bun:test'
import { channelsOf } from '../../src/core/state.ts'
import { testApp } from '../support/apps.ts'
import { subscribing } from '../support/core.ts'
import { anyText, fc } from '../support/property.ts'
import { wrongAuths } from './model/forged-signatures.ts'
import { HubModel, type Step } from './model/hub-model.ts'

const limits = { channelsPerSocket: 5, presenceMembers: 2, watchlistUsers: 3 }
const apps = [
  testApp({
    id: 'A',
    key: 'key-a',
    secret: 'secret-a',
    subscriptionCounts: true,
    limits,
    cache: { ttlSeconds: 90, maxChannels: 99, maxBytes: 9999 },
  }),
  testApp({ id: 'B', key: 'key-b', secret: 'secret-b', clientEventsFrom: 'members', maxConnections: 3, limits }),
  testApp({ id: 'C', key: 'key-c', secret: 'secret-c', enabled: false }),
]

const privateNames = [
  'private-p',
  'private-cache-p',
  'private-encrypted-p',
  'private-encrypted-cache-p',
  'presence-p',
  'presence-cache-p',
  'presence-p/q r',
  '#server-to-user-u',
  '#server-to-user-v/w',
]
const id = fc.constantFrom('1.1', '1.2', '1.3', '2.1', '2.2')
const rare = fc.constantFrom(
  ...privateNames,
  'presence-q',
  'not-private-x',
  'a b',
  'a/b',
  '0',
  '',
  '\ud800',
  'private-\udfff',
  '#server-to-user-',
)
/** Few ids and names, so that actions affect each other. */
const channel = fc.oneof({ weight: 2, arbitrary: fc.constantFrom('news', 'cache-c', 'presence-p', '#server-to-user-u') }, rare)
const user = fc.constantFrom('u', 'v/w', '1', '')
const member = fc.option(
  fc.record(
    { user_id: fc.constantFrom<string | number>('u', 'v/w', '1', 1), user_info: fc.constantFrom({ name: 'x' }, 'y') },
    { requiredKeys: ['user_id'] },
  ),
  { nil: undefined },
)
const auth = fc.oneof({ weight: 9, arbitrary: fc.constant('right' as const) }, fc.constantFrom(...wrongAuths))
const does = <const N extends Step['do']>(name: N) => fc.constant(name)
const appNumber = fc.constantFrom(0, 1)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: does('open'), id, key: fc.constantFrom('key-a', 'key-a', 'key-b', 'key-b', 'key-c', 'key-d') }),
  },
  { weight: 9, arbitrary: fc.record({ do: does('subscribe'), id, channel, auth, member }) },
  { weight: 3, arbitrary: fc.record({ do: does('unsubscribe'), id, channel }) },
  { weight: 2, arbitrary: fc.record({ do: does('whisper'), id, channel }) },
  { weight: 4, arbitrary: fc.record({ do: does('sign in'), id, auth, user, watchlist: fc.uniqueArray(user, { maxLength: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ do: does('nonsense'), id, text: fc.oneof(fc.string(), fc.json()) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: does('publish'),
      app: appNumber,
      name: fc.constantFrom('app', 'app', 'client-x', 'pusher:x', 'pusher_internal:x'),
      channels: fc.array(channel, { minLength: 1, maxLength: 3 }),
      except: id,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: does('terminate'), app: appNumber, user }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('disconnect' as const, 'close' as const), id }) },
  { weight: 3, arbitrary: fc.record({ do: does('wait'), seconds: fc.constantFrom(0, 0.5, 1, 30, 60) }) },
)

test('the core does the same as a plain model, whatever clients and applications do and in any order', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 150, size: 'max' }), steps => {
      const model = new HubModel(apps)
      for (const id of ['1.1', '1.2', '1.3']) model.take({ do: 'open', id, key: 'key-a' })
      for (const one of steps) model.take(one)
      model.end()
    }),
    { numRuns: 400 },
  )
})

describe.each(privateNames)('%s', channel => {
  const member = { user_id: 'u' }
  const opened = () => {
    const model = new HubModel(apps)
    model.take({ do: 'open', id: '1.1', key: 'key-a' })
    return model
  }

  test.each(wrongAuths)('a subscription with a wrong signature is refused: %s', auth => {
    const model = opened()
    model.take({ do: 'subscribe', id: '1.1', channel, auth, member })
    model.take({ do: 'sign in', id: '1.1', auth, user: 'u', watchlist: [] })
    model.take({ do: 'subscribe', id: '1.1', channel, auth, member })
    expect([...channelsOf(model.hub.state, 'A')]).toEqual([])
  })

  test('a subscription with any text for a signature is refused', () => {
    const { hub } = opened()
    fc.assert(
      fc.property(
        fc.oneof(anyText, fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 })),
        auth => {
          for (const text of [auth, `key-a:${auth}`]) {
            const request = subscribing({ channel, auth: text, channel_data: JSON.stringify(member) })
            expect(hub.message('1.1', request, 0).map(effect => effect.type)).toEqual(['send', 'send'])
          }
        },
      ),
    )
    expect([...channelsOf(hub.state, 'A')]).toEqual([])
  })
})
