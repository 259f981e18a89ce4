import { describe, expect, test } from 'bun:test'
import { allowedMethods, findRoute, type RouteName, withOneSlash, withoutPrefix } from '../../src/http/routes.ts'

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
  ])('%s %s', (method, path, name, app, subject) => {
    expect(findRoute(method, path)).toEqual({ name, app, subject })
  })

  test.each(['/up', '/app/k', '/apps/1/connections', '/apps/1/channels', '/apps/1/channels/x', '/apps/1/channels/x/users'])(
    'HEAD %s is its GET; anything else is not allowed',
    path => {
      expect(findRoute('HEAD', path)).toEqual(findRoute('GET', path))
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'get'])
        expect(() => findRoute(method, path)).toThrow(
          expect.objectContaining({ status: 405, message: 'Method not allowed.', headers: { Allow: 'GET, HEAD, OPTIONS' } }),
        )
    },
  )

  test.each(['/apps/1/events', '/apps/1/batch_events', '/apps/1/users/7/terminate_connections'])('%s takes POST only', path => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE'])
      expect(() => findRoute(method, path)).toThrow(expect.objectContaining({ status: 405, headers: { Allow: 'POST, OPTIONS' } }))
  })

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
  ])('%p is none', path => {
    for (const method of ['GET', 'POST']) expect(() => findRoute(method, path)).toThrow(notFound)
    expect(() => allowedMethods(path)).toThrow(notFound)
  })
})

test('says which methods its path takes', () => {
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
  test('is taken off', () => {
    expect(withoutPrefix('/ws/up', '/ws')).toBe('/up')
    expect(withoutPrefix('/a/b/apps/1/events', '/a/b')).toBe('/apps/1/events')
    expect(withoutPrefix('/ws/', '/ws')).toBe('/')
    expect(withoutPrefix('/ws/ws/up', '/ws')).toBe('/ws/up')
  })

  test('may be empty', () => expect(withoutPrefix('/up', '')).toBe('/up'))

  test.each(['/up', '/ws', '/wsup', '/ws2/up', '/WS/up', '//ws/up', ''])('nothing is served beside it: %p', path => {
    expect(() => withoutPrefix(path, '/ws')).toThrow(notFound)
  })
})
