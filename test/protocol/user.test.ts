import { expect, test } from 'bun:test'
import { memberOf, parseUser, withTextId } from '../../src/protocol/user.ts'

test.each<[string, string, string[]]>([
  ['{"id":"ann"}', 'ann', []],
  ['{"id":"1","user_info":{"name":"Ann"},"watchlist":null}', '1', []],
  [' {"watchlist":["b","c","b"],"id":"a/ä"} ', 'a/ä', ['b', 'c']],
  ['{"id":"ann","watchlist":[]}', 'ann', []],
  ['{"id":"ann","watchlist":[7,"7","x"]}', 'ann', ['7', 'x']],
  ['{"id":7}', '7', []],
  ['{"id":0}', '0', []],
  ['{"id":-7,"watchlist":[ 7 , -7,"\\"7" ]}', '-7', ['7', '-7', '"7']],
  [
    '{"id":9007199254740993,"watchlist":[9007199254740993,9007199254740992]}',
    '9007199254740993',
    ['9007199254740993', '9007199254740992'],
  ],
])('%s', (userData, id, watchlist) => expect(parseUser(userData)).toMatchObject({ id, watchlist }))

test('is a presence member too, with user_info as it was written', () => {
  const user = parseUser('{"id":"a\\"b","user_info":{"n":1.0}}')
  expect(memberOf(user)).toEqual({ key: 'a"b', idJson: '"a\\"b"', infoJson: '{"n":1.0}' })
  expect(memberOf(parseUser('{"id":"ann"}'))).toEqual({ key: 'ann', idJson: '"ann"', infoJson: undefined })
})

test('the presence member of a user whose id was signed as a number has the text of it', () => {
  expect(memberOf(parseUser('{"id":7}'))).toEqual({ key: '7', idJson: '"7"', infoJson: undefined })
})

test.each([
  ['{"id":"ann", "x":1.0}', '{"id":"ann", "x":1.0}'],
  ['{"id":7}', '{"id":"7"}'],
  [
    ' { "a" : 1.0 , "id" : 9007199254740993, "user_info":{"n":"é\\"","id":7} }',
    '{"a":1.0,"id":"9007199254740993","user_info":{"n":"é\\"","id":7}}',
  ],
  ['{"id":"x","id":7}', '{"id":"7"}'],
])('with an id that is text, %s is %s', (userData, expected) => expect(withTextId(userData)).toBe(expected))

test.each([
  ['', 'is not JSON'],
  ['{"id":', 'is not JSON'],
  ['null', 'must be a JSON object'],
  ['"ann"', 'must be a JSON object'],
  ['7', 'must be a JSON object'],
  ['{}', 'needs an id that is text or a number, and not empty'],
  ['[]', 'needs an id that is text or a number, and not empty'],
  ['{"id":""}', 'needs an id that is text or a number, and not empty'],
  ['{"id":true}', 'needs an id that is text or a number, and not empty'],
  ['{"id":[7]}', 'needs an id that is text or a number, and not empty'],
  ['{"id":null}', 'needs an id that is text or a number, and not empty'],
  ['{"id":"a","watchlist":"b"}', 'has a watchlist that is no list of user ids'],
  ['{"id":"a","watchlist":{"0":"b"}}', 'has a watchlist that is no list of user ids'],
  ['{"id":"a","watchlist":["b",null]}', 'has a watchlist that is no list of user ids'],
])('%s is none', (userData, fault) => {
  expect(() => parseUser(userData)).toThrow(
    expect.objectContaining({ code: 4200, message: `Invalid sign-in: user_data ${fault}.` }),
  )
})
