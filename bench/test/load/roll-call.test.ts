import { expect, test } from 'bun:test'
import { mark } from '../../load/mark.ts'
import { RollCall } from '../../load/roll-call.ts'

function called(names: readonly number[]) {
  const calls = new RollCall(3)
  const ear = calls.ear()
  for (const name of names) {
    const bytes = Buffer.from(`{"user_id":"${mark(0, name)}"}`)
    ear(bytes, 0, bytes.length)
  }
  return calls.faults(3)
}

test('any order will do', () => expect(called([3, 1, 2])).toEqual({ missing: 0, repeated: 0, skipped: 0 }))
test('nobody may be missing', () => expect(called([3, 1])).toEqual({ missing: 1, repeated: 0, skipped: 0 }))
test('nobody may come twice', () => expect(called([3, 1, 3])).toEqual({ missing: 0, repeated: 1, skipped: 0 }))
