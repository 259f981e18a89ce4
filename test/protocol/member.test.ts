import { describe, expect, test } from 'bun:test'
import { parseMember } from '../../src/protocol/member.ts'

describe('channel_data', () => {
  test.each([
    ['{"user_id":1,"user_info":{"name":"Ann"}}', '1', '1', '{"name":"Ann"}'],
    ['{"user_id":"1"}', '1', '"1"', undefined],
    ['{"user_id":"01"}', '01', '"01"', undefined],
    ['{"user_id":0}', '0', '0', undefined],
    ['{"user_id":""}', '', '""', undefined],
    ['{"user_id":12345678901234567890}', '12345678901234567890', '12345678901234567890', undefined],
    ['{"user_id":-1.5}', '-1.5', '-1.5', undefined],
    ['{"user_id":"\\u0041nn"}', 'Ann', '"\\u0041nn"', undefined],
    ['{"user_info":null,"user_id":"a"}', 'a', '"a"', 'null'],
    ['{"user_id":1,"user_info":{}}', '1', '1', '{}'],
    ['{"user_id":1,"user_info":[]}', '1', '1', '[]'],
    ['{"user_id":1,"user_info":{"n":1.0,"0":[ ]}}', '1', '1', '{"n":1.0,"0":[ ]}'],
    [' {\n "user_id" : "x" , "other" : {"user_id":2} } ', 'x', '"x"', undefined],
    ['{"user_id":1,"user_id":2}', '2', '2', undefined],
    ['{"\\u0075ser_id":3}', '3', '3', undefined],
  ])('%s is a member', (channelData, key, idJson, infoJson) => {
    expect(parseMember(channelData)).toEqual({ key, idJson, infoJson })
  })
})

describe('channel_data is refused where it is', () => {
  test.each(['', 'x', '{', '{"user_id":1', 'null', '1', '"text"', 'true'])('no JSON object: %s', channelData => {
    expect(() => parseMember(channelData)).toThrow(
      expect.objectContaining({ name: 'PusherError', code: 4200, message: 'Invalid message format' }),
    )
  })

  test.each(['{}', '[]', '[{"user_id":1}]', '{"user_id":null}', '{"user_id":true}', '{"user_id":[1]}', '{"user_id":{}}'])(
    'no user_id that is text or a number: %s',
    channelData => {
      expect(() => parseMember(channelData)).toThrow(
        expect.objectContaining({
          name: 'PusherError',
          code: 4200,
          message: 'Invalid presence data: channel_data needs a user_id that is text or a number',
        }),
      )
    },
  )
})
