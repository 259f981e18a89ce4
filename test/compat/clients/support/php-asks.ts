/** What pusher-http-php's asking methods are told. */
import { expect } from 'bun:test'
import { joined } from './heard.ts'
import { type Case, loggedPhp, pusherPhp } from './php.ts'

const ann = { id: 'ann' }
const bob = { id: 'bob' }

export function tellsOfChannel(method: string): Case {
  return async site => {
    for (const user of [ann, ann, bob]) await joined(await site.connect(user), 'presence-room')
    expect(await pusherPhp(site, method, ['presence-room', { info: 'user_count,subscription_count' }])).toEqual({
      occupied: true,
      user_count: 2,
      subscription_count: 3,
    })
    expect(await pusherPhp(site, method, ['nowhere'])).toMatchObject({ occupied: false })
  }
}

export function listsChannels(method: string): Case {
  return async site => {
    for (const name of ['red', 'presence-room']) await joined(await site.connect(ann), name)
    expect(await pusherPhp(site, method, [{ filter_by_prefix: 'presence-', info: 'user_count' }])).toEqual({
      channels: { 'presence-room': { user_count: 1 } },
    })
    expect(await pusherPhp(site, method, [{ info: 'user_count,subscription_count' }])).toEqual({
      channels: { red: { subscription_count: 1 }, 'presence-room': { user_count: 1, subscription_count: 1 } },
    })
    const { channels } = await pusherPhp(site, method, [])
    expect(Object.keys(channels).sort()).toEqual(['presence-room', 'red'])
  }
}

export function listsUsers(method: string): Case {
  return async site => {
    for (const user of [ann, ann, bob]) await joined(await site.connect(user), 'presence-room')
    expect(await pusherPhp(site, method, ['presence-room'])).toEqual({ users: [{ id: 'ann' }, { id: 'bob' }] })
  }
}

export const asksAnything: Case = async site => {
  await site.connect()
  expect(await pusherPhp(site, 'get', ['/connections', {}, true])).toEqual({ connections: 1 })
}

export const tellsSettings: Case = async site => {
  const { key, secret, id } = site.server.app
  const target = { scheme: 'http', host: '127.0.0.1', port: site.server.port, base_path: `/apps/${id}` }
  expect(await pusherPhp(site, 'getSettings', [])).toMatchObject({ auth_key: key, secret, app_id: id, ...target })
}

export const signsQueries: Case = async site => {
  const { id, key, secret } = site.server.app
  const path = `/apps/${id}/channels`
  const query = await pusherPhp(site, 'build_auth_query_params', [key, secret, 'GET', path, { filter_by_prefix: 'a' }])
  const answer = await fetch(`http://127.0.0.1:${site.server.port}${path}?${new URLSearchParams(query)}`)
  expect(await answer.json()).toEqual({ channels: {} })
}

export const joinsPairs: Case = async site => {
  expect(await pusherPhp(site, 'array_implode', ['=', '&', { a: 1, b: ['x', 'y'] }])).toBe('a=1&b=x,y')
}

export const logs: Case = async site => {
  const { log } = await loggedPhp(site, 'trigger', ['room', 'painted', {}])
  expect(log).toEqual(['debug: trigger POST: {post_value}'])
}
