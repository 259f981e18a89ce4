import { describe, expect, test } from 'bun:test'
import { churner } from '../floods.ts'
import { Witness } from './witness.ts'

const added = (user: string) =>
  `{"event":"pusher_internal:member_added","data":"{\\"user_id\\":\\"${user}\\"}","channel":"presence-room"}`
const removed = (user: string) => added(user).replace('added', 'removed')

function witnessed(...frames: readonly string[]): Witness {
  const witness = new Witness()
  for (const frame of frames) witness.take(Buffer.from(`..${frame}`), 2, frame.length)
  return witness
}

describe('the witness on a presence channel', () => {
  test('reports nothing while joins and leaves alternate', () => {
    expect(witnessed(added(churner), removed(churner), added(churner))).toMatchObject({ faults: 0, isPresent: true })
    expect(witnessed(added(churner), removed(churner))).toMatchObject({ faults: 0, isPresent: false })
  })

  test('ignores the joins of members who stay', () => {
    expect(witnessed(added('member-1'), added('member-2'))).toMatchObject({ faults: 0, isPresent: false })
  })

  test.each([
    ['a second join', [added(churner), added(churner)]],
    ['a leave of a user who is not there', [removed(churner)]],
    ['a second leave', [added(churner), removed(churner), removed(churner)]],
    ['a leave of a member who stays', [added(churner), removed('member-1')]],
  ])('reports %s', (_, frames) => {
    expect(witnessed(...frames).faults).toBe(1)
  })

  test('counts the bytes of every frame with its header', () => {
    const pong = '{"event":"pusher:pong"}'
    expect(witnessed(pong).bytes).toBe(pong.length + 2)
    expect(witnessed(pong, 'x'.repeat(126)).bytes).toBe(pong.length + 2 + 130)
    expect(witnessed(pong).faults).toBe(0)
  })
})
