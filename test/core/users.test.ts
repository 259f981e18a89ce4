import { expect, test } from 'bun:test'
import { Users } from '../../src/core/users.ts'

const ann = { id: 'ann', watchlist: [], infoJson: undefined }
const bob = { id: 'bob', watchlist: ['ann', 'eve'], infoJson: undefined }

test('no user is online at first', () => {
  const users = new Users()
  expect([users.isOnline('ann'), users.socketsOf('ann'), users.watchersOf('ann')]).toEqual([false, [], []])
  users.remove('s1', ann)
  expect(users.isOnline('ann')).toBe(false)
})

test('a user is online from its first socket to its last', () => {
  const users = new Users()
  users.add('s1', ann)
  users.add('s2', ann)
  expect(users.socketsOf('ann')).toEqual(['s1', 's2'])
  users.remove('s1', ann)
  expect(users.isOnline('ann')).toBe(true)
  users.remove('s2', ann)
  expect(users.isOnline('ann')).toBe(false)
})

test('the watchers of a user are found, whether the user is online or not', () => {
  const users = new Users()
  users.add('s1', bob)
  users.add('s2', { id: 'cat', watchlist: ['ann'], infoJson: undefined })
  expect(users.watchersOf('ann')).toEqual(['s1', 's2'])
  expect(users.watchersOf('eve')).toEqual(['s1'])
  expect(users.isOnline('ann')).toBe(false)
  users.remove('s1', bob)
  expect([users.watchersOf('ann'), users.watchersOf('eve')]).toEqual([['s2'], []])
})
