/** The answers to the methods of pusher-http-php that read state. */
import { expect } from 'bun:test'
import { subscribed } from '../../../support/clients/event-queue.ts'
import { type Case, loggedPhp, pusherPhp } from './php.ts'

const ann = { id: 'ann' }
const bob = { id: 'bob' }

export function tellsOfChannel(method: string): Case {
  return async testbed => {
    for (const user of [ann, ann, bob]) await subscribed(await testbed.connect(user), 'presence-room')
    expect(await pusherPhp(testbed, method, ['presence-room', { info: 'user_count,subscription_count' }])).toEqual({
      occupied: true,
      user_count: 2,
      subscription_count: 3,
    })
    expect(await pusherPhp(testbed, method, ['nowhere'])).toMatchObject({ occupied: false })
  }
}

export function listsChannels(method: string): Case {
  return async testbed => {
    for (const name of ['red', 'presence-room']) await subscribed(await testbed.connect(ann), name)
    expect(await pusherPhp(testbed, method, [{ filter_by_prefix: 'presence-', info: 'user_count' }])).toEqual({
      channels: { 'presence-room': { user_count: 1 } },
    })
    expect(await pusherPhp(testbed, method, [{ info: 'user_count,subscription_count' }])).toEqual({
      channels: { red: { subscription_count: 1 }, 'presence-room': { user_count: 1, subscription_count: 1 } },
    })
    const { channels } = await pusherPhp(testbed, method, [])
    expect(Object.keys(channels).sort()).toEqual(['presence-room', 'red'])
  }
}

export function listsUsers(method: string): Case {
  return async testbed => {
    for (const user of [ann, ann, bob]) await subscribed(await testbed.connect(user), 'presence-room')
    expect(await pusherPhp(testbed, method, ['presence-room'])).toEqual({ users: [{ id: 'ann' }, { id: 'bob' }] })
  }
}

export const asksAnything: Case = async testbed => {
  await testbed.connect()
  expect(await pusherPhp(testbed, 'get', ['/connections', {}, true])).toEqual({ connections: 1 })
}

export const tellsSettings: Case = async testbed => {
  const { key, secret, id } = testbed.server.app
  const target = { scheme: 'http', host: '127.0.0.1', port: testbed.server.port, base_path: `/apps/${id}` }
  expect(await pusherPhp(testbed, 'getSettings', [])).toMatchObject({ auth_key: key, secret, app_id: id, ...target })
}

export const signsQueries: Case = async testbed => {
  const { id, key, secret } = testbed.server.app
  const path = `/apps/${id}/channels`
  const query = await pusherPhp(testbed, 'build_auth_query_params', [key, secret, 'GET', path, { filter_by_prefix: 'a' }])
  const answer = await fetch(`http://127.0.0.1:${testbed.server.port}${path}?${new URLSearchParams(query)}`)
  expect(await answer.json()).toEqual({ channels: {} })
}

export const joinsPairs: Case = async testbed => {
  expect(await pusherPhp(testbed, 'array_implode', ['=', '&', { a: 1, b: ['x', 'y'] }])).toBe('a=1&b=x,y')
}

export const logs: Case = async testbed => {
  const { log } = await loggedPhp(testbed, 'trigger', ['room', 'painted', {}])
  expect(log).toEqual(['debug: trigger POST: {post_value}'])
}
