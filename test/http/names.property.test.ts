/** The API with channels of any name: encoded in a path, in a query and in a body, each is the channel that it names. */
import { expect, test } from 'bun:test'
import type { Publication } from '../../src/core/hub.ts'
import { createApi } from '../../src/http/api.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put } from '../support/core.ts'
import { namesOf } from '../support/names.ts'
import { fc } from '../support/property.ts'
import { type SignedRequest, signedQuery } from '../support/sign.ts'

const app = testApp()
const timestamp = 1_700_000_000

function served() {
  const hub = hubWith(app, '1.1')
  const published: Publication[] = []
  const api = createApi({
    queries: hub.queries,
    prefix: '',
    maxRequestBytes: 100_000,
    timestampToleranceSeconds: 600,
    idempotencySeconds: 120,
    nowSeconds: () => timestamp,
    nowMs: () => 1,
    isDegraded: () => false,
    publish: (_, publication) => void published.push(publication),
    terminate: () => undefined,
    keepAlive: () => {},
    unsigned: (_, response) => response,
    upgrade: () => undefined,
    refused: () => undefined,
    unexpected: error => {
      throw error
    },
  })
  async function ask(request: SignedRequest): Promise<unknown> {
    const { method, path, body } = request
    const url = `http://host${path}?${signedQuery(app, { timestamp, ...request })}`
    const response = await api(new Request(url, { method, ...(body === undefined ? {} : { body }) }))
    return response!.json()
  }
  return { hub, published, ask }
}

/** A path can name no empty channel, and `.` and `..` are resolved before they arrive, encoded or not. */
const isInPath = (name: string) => name.isWellFormed() && !['', '.', '..'].includes(name)

test('a channel is found by its encoded name, and listed under its own', async () => {
  await fc.assert(
    fc.asyncProperty(namesOf('', 'cache-'), namesOf(''), async (name, other) => {
      fc.pre(isInPath(name) && isInPath(other) && name !== other)
      const { hub, ask } = served()
      put(hub, app, '1.1', name)
      const get = (path: string, query = {}) => ask({ method: 'GET', path: `/apps/1001/channels${path}`, query })
      const info = { info: 'subscription_count' }
      expect(await get(`/${encodeURIComponent(name)}`, info)).toEqual({ occupied: true, subscription_count: 1 })
      expect(await get(`/${encodeURIComponent(other)}`)).toEqual({ occupied: false })
      const listed = { channels: Object.fromEntries([[name, { subscription_count: 1 }]]) }
      expect(await get('', info)).toEqual(listed)
      expect(await get('', { ...info, filter_by_prefix: name })).toEqual(listed)
    }),
  )
})

test('the users of a presence channel are found by its encoded name', async () => {
  await fc.assert(
    fc.asyncProperty(namesOf('presence-'), async name => {
      const { hub, ask } = served()
      put(hub, app, '1.1', name, '{"user_id":"ann"}')
      const path = `/apps/1001/channels/${encodeURIComponent(name)}/users`
      expect(await ask({ method: 'GET', path })).toEqual({ users: [{ id: 'ann' }] })
    }),
  )
})

test('an event is published to the channels that its body names', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(namesOf('', 'private-'), { minLength: 1, maxLength: 5 }), async names => {
      fc.pre(names.every(name => /[^ \t\n\r\0\v]/.test(name)))
      const { published, ask } = served()
      const post = (path: string, body: object) => ask({ method: 'POST', path: `/apps/1001/${path}`, body: JSON.stringify(body) })
      const event = { name: 'e', data: 'd', info: 'subscription_count' }
      expect(await post('events', { ...event, channels: names })).toEqual({
        channels: Object.fromEntries(names.map(name => [name, { subscription_count: 0 }])),
      })
      await post('batch_events', { batch: names.map(channel => ({ ...event, channel })) })
      expect(published.map(({ channels }) => channels)).toEqual([names, ...names.map(name => [name])])
    }),
  )
})
