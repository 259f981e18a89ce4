import { expect, test } from 'bun:test'
import { PusherError } from '../../src/protocol/errors.ts'
import { parseUser, type SignedInUser } from '../../src/protocol/user.ts'
import { jsonMembers, jsonText, objectText } from '../support/json-text.ts'
import { anyText, fc } from '../support/property.ts'

function parsed(userData: string): SignedInUser | undefined {
  try {
    return parseUser(userData)
  } catch (error) {
    if (error instanceof PusherError && error.code === 4200) return undefined
    throw error
  }
}

test('any text is a user or is refused', () => {
  fc.assert(fc.property(fc.oneof(anyText, jsonText, jsonMembers.chain(objectText)), text => void parsed(text)))
})

test('an id that is text or a number, and a list of ids to watch, each once', () => {
  const id = fc.oneof(anyText, fc.integer())
  const data = fc.record(
    { id: fc.oneof(anyText, fc.jsonValue()), watchlist: fc.oneof(fc.array(id), fc.jsonValue()) },
    { requiredKeys: [] },
  )
  const isId = (value: unknown) => typeof value === 'string' || typeof value === 'number'
  fc.assert(
    fc.property(data, fields => {
      const user = parsed(JSON.stringify(fields))
      const { id, watchlist = null } = fields
      const watches = watchlist === null || (Array.isArray(watchlist) && watchlist.every(isId))
      if (!isId(id) || id === '' || !watches) return expect(user).toBeUndefined()
      expect(user!.id).toBe(typeof id === 'string' ? id : JSON.stringify(id))
      expect(new Set(user!.watchlist)).toEqual(
        new Set(((watchlist ?? []) as unknown[]).map(one => (typeof one === 'string' ? one : JSON.stringify(one)))),
      )
      expect(user!.watchlist.length).toBe(new Set(user!.watchlist).size)
    }),
    { numRuns: 1000 },
  )
})
