import { expect, test } from 'bun:test'
import { mark } from '../../load/mark.ts'
import { MemberTally } from '../../load/member-tally.ts'

function faultsOf(members: readonly number[]) {
  const tally = new MemberTally(3)
  const onFrame = tally.receiver()
  for (const name of members) {
    const bytes = Buffer.from(`{"user_id":"${mark(0, name)}"}`)
    onFrame(bytes, 0, bytes.length)
  }
  return tally.faults(3)
}

test('members may be added in any order', () => expect(faultsOf([3, 1, 2])).toEqual({ missing: 0, repeated: 0, skipped: 0 }))
test('a member that is not added is missing', () => expect(faultsOf([3, 1])).toEqual({ missing: 1, repeated: 0, skipped: 0 }))
test('a member that is added twice is counted', () =>
  expect(faultsOf([3, 1, 3])).toEqual({ missing: 0, repeated: 1, skipped: 0 }))
