import { expect, test } from 'bun:test'
import { memberOf, parseUser } from '../../src/protocol/user.ts'

test.each<[string, string, string[]]>([
  ['{"id":"ann"}', 'ann', []],
  ['{"id":"1","user_info":{"name":"Ann"},"watchlist":null}', '1', []],
  [' {"watchlist":["b","c","b"],"id":"a/ä"} ', 'a/ä', ['b', 'c']],
  ['{"id":"ann","watchlist":[]}', 'ann', []],
  ['{"id":"ann","watchlist":[7,"7","x"]}', 'ann', ['7', 'x']],
])('%s', (userData, id, watchlist) => expect(parseUser(userData)).toMatchObject({ id, watchlist }))

test('is a presence member too, with user_info as it was written', () => {
  const user = parseUser('{"id":"a\\"b","user_info":{"n":1.0}}')
  expect(memberOf(user)).toEqual({ key: 'a"b', idJson: '"a\\"b"', infoJson: '{"n":1.0}' })
  expect(memberOf(parseUser('{"id":"ann"}'))).toEqual({ key: 'ann', idJson: '"ann"', infoJson: undefined })
})

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
