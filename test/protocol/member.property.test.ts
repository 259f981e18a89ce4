import { expect, test } from 'bun:test'
import { PusherError } from '../../src/protocol/errors.ts'
import { type Member, parseMember } from '../../src/protocol/member.ts'
import { jsonMembers, jsonText, objectText } from '../support/json-text.ts'
import { anyText, fc } from '../support/property.ts'

function parsed(channelData: string): Member | undefined {
  try {
    return parseMember(channelData)
  } catch (error) {
    if (error instanceof PusherError && error.code === 4200) return undefined
    throw error
  }
}

test('any text is a member, or is refused', () => {
  fc.assert(fc.property(fc.oneof(anyText, jsonText, jsonMembers.chain(objectText)), text => void parsed(text)))
})

test('a member has id and info as they were signed, and an id that is text or a number', () => {
  const written = fc.tuple(jsonText, fc.option(jsonText, { nil: undefined }), jsonMembers).chain(([id, info, others]) => {
    const free = others.filter(([key]) => !['user_id', 'user_info'].includes(JSON.parse(key) as string))
    const mine = info === undefined ? [] : [['"user_info"', info] as const]
    return fc.tuple(objectText([...free, ['"user_id"', id], ...mine]), fc.constant({ id, info }))
  })
  fc.assert(
    fc.property(written, ([text, { id, info }]) => {
      const value = JSON.parse(id) as unknown
      const member = parsed(text)
      if (typeof value === 'string') expect(member).toEqual({ key: value, idJson: id, infoJson: info })
      else if (typeof value === 'number') expect(member).toEqual({ key: id, idJson: id, infoJson: info })
      else expect(member).toBeUndefined()
    }),
    { numRuns: 1000 },
  )
})
