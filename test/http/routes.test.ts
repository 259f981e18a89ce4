import { describe, expect, test } from 'bun:test'
import { allowedMethods, findRoute, type RouteName, withOneSlash, withoutPrefix } from '../../src/http/routes.ts'
import { apiWith, post } from '../support/api.ts'

const notFound = expect.objectContaining({ status: 404, message: 'Not found.' })

describe('a route', () => {
  test.each<[string, string, RouteName, string, string]>([
    ['GET', '/up', 'health', '', ''],
    ['GET', '/app/my-key', 'socket', 'my-key', ''],
    ['POST', '/apps/1/events', 'events', '1', ''],
    ['POST', '/apps/1/batch_events', 'batch-events', '1', ''],
    ['GET', '/apps/1/connections', 'connections', '1', ''],
    ['GET', '/apps/1/channels', 'channels', '1', ''],
    ['GET', '/apps/1/channels/presence-x', 'channel', '1', 'presence-x'],
    ['GET', '/apps/1/channels/users', 'channel', '1', 'users'],
    ['GET', '/apps/1/channels/presence-x/users', 'channel-users', '1', 'presence-x'],
    ['POST', '/apps/1/users/7/terminate_connections', 'terminate', '1', '7'],
    ['POST', '/apps/a%20b/users/a%2Fb%C3%BC/terminate_connections', 'terminate', 'a b', 'a/bü'],
    ['GET', '/apps/1/channels/100%', 'channel', '1', '100%'],
  ])('is found for %s %s', (method, path, name, app, subject) => {
    expect(findRoute(method, path)).toEqual({ name, app, subject })
  })

  test.each(['/up', '/app/k', '/apps/1/connections', '/apps/1/channels', '/apps/1/channels/x', '/apps/1/channels/x/users'])(
    'HEAD %s is its GET; anything else is not allowed',
    path => {
      expect(findRoute('HEAD', path)).toEqual(findRoute('GET', path))
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'get'])
        expect(() => findRoute(method, path)).toThrow(
          expect.objectContaining({
            status: 405,
            message: 'Method not allowed.',
            headers: expect.objectContaining({ Allow: 'GET, HEAD, OPTIONS' }),
          }),
        )
    },
  )

  test.each(['/apps/1/events', '/apps/1/batch_events', '/apps/1/users/7/terminate_connections'])(
    'for %s accepts POST only',
    path => {
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE'])
        expect(() => findRoute(method, path)).toThrow(
          expect.objectContaining({ status: 405, headers: expect.objectContaining({ Allow: 'POST, OPTIONS' }) }),
        )
    },
  )

  test.each([
    '/',
    '',
    '/ups',
    '/up/',
    '/app',
    '/app/',
    '/app/a/b',
    '/apps//events',
    '/apps/1',
    '/apps/1/',
    '/apps/1/event',
    '/apps/1/events/',
    '/x/apps/1/events',
    '/apps/1/channels/',
    '/apps/1/channels/a/b',
    '/apps/1/users/7',
    '/apps/1/users//terminate_connections',
  ])('does not exist for %p', path => {
    for (const method of ['GET', 'POST']) expect(() => findRoute(method, path)).toThrow(notFound)
    expect(() => allowedMethods(path)).toThrow(notFound)
  })
})

test('the methods that a path accepts are listed', () => {
  expect(allowedMethods('/apps/1/channels')).toBe('GET, HEAD, OPTIONS')
  expect(allowedMethods('/apps/1/events')).toBe('POST, OPTIONS')
})

test.each([
  ['/up', '/up'],
  ['//up', '/up'],
  ['////ws//up//', '/ws//up//'],
  ['a/b', 'a/b'],
  ['//', '/'],
  ['/', '/'],
  ['', ''],
])('%p has one slash in front: %p', (path, expected) => expect(withOneSlash(path)).toBe(expected))

describe('the prefix', () => {
  test('is removed from a path', () => {
    expect(withoutPrefix('/ws/up', '/ws')).toBe('/up')
    expect(withoutPrefix('/a/b/apps/1/events', '/a/b')).toBe('/apps/1/events')
    expect(withoutPrefix('/ws/', '/ws')).toBe('/')
    expect(withoutPrefix('/ws/ws/up', '/ws')).toBe('/ws/up')
  })

  test('may be empty', () => expect(withoutPrefix('/up', '')).toBe('/up'))

  test.each(['/up', '/ws', '/wsup', '/ws2/up', '/WS/up', '//ws/up', ''])('is required in a path: %p', path => {
    expect(() => withoutPrefix(path, '/ws')).toThrow(notFound)
  })
})

describe('with a prefix', () => {
  test('a path may be signed with it or without it', async () => {
    const { ask, get } = apiWith({ prefix: '/ws' })
    const path = '/apps/1001/connections'
    expect((await ask({ path, url: `/ws${path}` })).status).toBe(200)
    expect((await ask({ path: `/ws${path}` })).status).toBe(200)
    expect((await ask({ path: `/other${path}`, url: `/ws${path}` })).status).toBe(401)
    expect((await ask({ path })).status).toBe(404)
    expect((await get('/ws/up')).status).toBe(200)
    expect((await get('/up')).status).toBe(404)
    expect(await get('/ws/app/key')).toEqual({ status: 299, text: 'key' })
  })
})

describe('several slashes in front of the path count as one', () => {
  const path = '/apps/1001/connections'

  test('on every route', async () => {
    const { ask, get } = apiWith()
    for (const slashes of ['/', '//', '///']) {
      expect(await get(`${slashes}up`)).toEqual({ status: 200, text: '{"health":"OK"}' })
      expect(await get(`${slashes}app/key?protocol=7`)).toEqual({ status: 299, text: 'key' })
      expect(await get(`${slashes}up`, 'OPTIONS')).toEqual({ status: 204, text: '' })
      expect((await ask({ path, url: slashes + path.slice(1) })).status).toBe(200)
    }
  })

  test('and the path may be signed as it was sent, or with one', async () => {
    const { ask, published } = apiWith()
    const statuses = (signed: string) => ask({ ...post(signed), url: '///apps/1001/events' }).then(({ status }) => status)
    expect(await statuses('///apps/1001/events')).toBe(200)
    expect(await statuses('/apps/1001/events')).toBe(200)
    expect(await statuses('//apps/1001/events')).toBe(401)
    expect(await statuses('apps/1001/events')).toBe(401)
    expect(published).toHaveLength(2)
  })

  test('in front of a prefix too, where the path may also be signed without it', async () => {
    const { ask, get } = apiWith({ prefix: '/ws' })
    const url = `//ws${path}`
    for (const signed of [url, `/ws${path}`, path]) expect((await ask({ path: signed, url })).status).toBe(200)
    expect((await ask({ path: `/${path}`, url })).status).toBe(401)
    expect(await get('//ws/app/key')).toEqual({ status: 299, text: 'key' })
  })

  test('before and after the rest of it was encoded', async () => {
    const { ask } = apiWith({ prefix: '/ws' })
    const channel = '/apps/1001/channels/presence-a b'
    const encoded = channel.replace(' ', '%20')
    const signed = [channel, encoded].flatMap(path => [path, `/ws${path}`, `//ws${path}`])
    for (const path of signed) expect((await ask({ path, url: `//ws${encoded}` })).status).toBe(200)
  })

  test.each(['/app//key', '//app//key', '/apps//1001/connections', '/ws/up', '//'])('but not inside it: %p', async url => {
    expect((await apiWith().get(url)).status).toBe(404)
  })

  test.each(['/ws//up', '//ws//up', '//up', '/ws//app/key'])('nor after the prefix: %p', async url => {
    expect((await apiWith({ prefix: '/ws' }).get(url)).status).toBe(404)
  })
})

describe('OPTIONS', () => {
  test.each([
    ['/up', 'GET, HEAD, OPTIONS'],
    ['/app/key', 'GET, HEAD, OPTIONS'],
    ['/apps/9/channels', 'GET, HEAD, OPTIONS'],
    ['/apps/9/batch_events', 'POST, OPTIONS'],
  ])('of %s lists the methods %s', async (path, allow) => {
    const response = (await apiWith().api(new Request(`http://host${path}`, { method: 'OPTIONS' })))!
    expect([response.status, response.headers.get('allow'), await response.text()]).toEqual([204, allow, ''])
  })

  test('of the path / is answered, as HAProxy sends it where no path is configured', async () => {
    const response = (await apiWith({ prefix: '/ws' }).api(new Request('http://host/', { method: 'OPTIONS' })))!
    expect([response.status, response.headers.get('allow')]).toEqual([204, 'OPTIONS'])
  })

  test('of an unknown path is answered with 404', async () => {
    expect(await apiWith().get('/nowhere', 'OPTIONS')).toEqual({ status: 404, text: 'Not found.' })
  })
})
