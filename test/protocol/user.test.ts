import { expect, test } from 'bun:test'
import { parseUser } from '../../src/protocol/user.ts'

test.each<[string, string, string[]]>([
  ['{"id":"ann"}', 'ann', []],
  ['{"id":"1","user_info":{"name":"Ann"},"watchlist":null}', '1', []],
  [' {"watchlist":["b","c","b"],"id":"a/ä"} ', 'a/ä', ['b', 'c']],
  ['{"id":"ann","watchlist":[]}', 'ann', []],
  ['{"id":"ann","watchlist":[7,"7","x"]}', 'ann', ['7', 'x']],
])('%s', (userData, id, watchlist) => expect(parseUser(userData)).toEqual({ id, watchlist }))

test.each([
  ['', 'is not JSON'],
  ['{"id":', 'is not JSON'],
  ['null', 'must be a JSON object'],
  ['"ann"', 'must be a JSON object'],
  ['7', 'must be a JSON object'],
  ['{}', 'needs an id that is text and not empty'],
  ['[]', 'needs an id that is text and not empty'],
  ['{"id":""}', 'needs an id that is text and not empty'],
  ['{"id":7}', 'needs an id that is text and not empty'],
  ['{"id":null}', 'needs an id that is text and not empty'],
  ['{"id":"a","watchlist":"b"}', 'has a watchlist that is no list of user ids'],
  ['{"id":"a","watchlist":{"0":"b"}}', 'has a watchlist that is no list of user ids'],
  ['{"id":"a","watchlist":["b",null]}', 'has a watchlist that is no list of user ids'],
])('%s is none', (userData, fault) => {
  expect(() => parseUser(userData)).toThrow(
    expect.objectContaining({ code: 4200, message: `Invalid sign-in: user_data ${fault}.` }),
  )
})
