import { describe, expect, test } from 'bun:test'
import { mark } from '../../load/mark.ts'
import { isFaultless, Tally } from '../../load/tally.ts'

function send(onFrame: ReturnType<Tally['receiver']>, stream: number, number: number, around = ['{"data":"', '"}']): void {
  const bytes = Buffer.from(`..${around[0]}${mark(stream, number)}${around[1]}..`)
  onFrame(bytes, 2, bytes.length - 4)
}

function faultsOf(numbers: readonly number[], expected = numbers.length) {
  const tally = new Tally(1)
  const onFrame = tally.receiver()
  for (const number of numbers) send(onFrame, 0, number)
  return tally.faults(expected)
}

describe('a tally of deliveries', () => {
  test('has no fault when every frame arrives once and in order', () => expect(isFaultless(faultsOf([1, 2, 3]))).toBe(true))
  test('counts the last frame as missing', () => expect(faultsOf([1, 2], 3)).toEqual({ missing: 1, repeated: 0, skipped: 0 }))
  test('counts a frame in the middle as missing, with a gap', () =>
    expect(faultsOf([1, 3], 3)).toEqual({ missing: 1, repeated: 0, skipped: 1 }))
  test('counts the first frame as missing, with a gap', () =>
    expect(faultsOf([2, 3], 3)).toEqual({ missing: 1, repeated: 0, skipped: 1 }))
  test('counts a duplicate', () => expect(faultsOf([1, 2, 2], 2)).toEqual({ missing: 0, repeated: 1, skipped: 0 }))
  test('counts a duplicate in place of another frame', () =>
    expect(faultsOf([1, 1, 3], 3)).toEqual({ missing: 0, repeated: 1, skipped: 1 }))
  test('counts frames in the wrong order', () => expect(faultsOf([2, 1], 2)).toEqual({ missing: 0, repeated: 1, skipped: 1 }))

  test('counts every stream and every client by itself', () => {
    const tally = new Tally(2)
    const [one, other] = [tally.receiver(), tally.receiver()]
    send(one, 0, 1)
    send(one, 1, 1)
    send(other, 1, 1)
    send(one, 0, 2)
    expect(tally.received).toBe(4)
    expect(isFaultless(tally.faults(4))).toBe(true)
  })

  test('does not count frames without a mark', () => {
    const tally = new Tally(1)
    const ping = Buffer.from('{"event":"pusher:ping"}')
    tally.receiver()(ping, 0, ping.length)
    expect(tally.received).toBe(0)
  })

  test('finds the mark at another offset in frames of another length', () => {
    const tally = new Tally(1)
    const onFrame = tally.receiver()
    send(onFrame, 0, 1)
    send(onFrame, 0, 2, ['{"channel":"news","data":"', '"}'])
    expect(isFaultless(tally.faults(2))).toBe(true)
  })

  test('calls back for every delivery', () => {
    const events: number[][] = []
    const onFrame = new Tally(1000, (stream, number) => events.push([stream, number])).receiver()
    send(onFrame, 999, 1)
    expect(events).toEqual([[999, 1]])
  })

  test('calls back once when so many deliveries have arrived', () => {
    const tally = new Tally(1)
    const onFrame = tally.receiver()
    const calls: number[] = []
    tally.whenReceived(2, () => calls.push(tally.received))
    for (const number of [1, 2, 3]) send(onFrame, 0, number)
    expect(calls).toEqual([2])
    tally.whenReceived(3, () => calls.push(tally.received))
    expect(calls).toEqual([2, 3])
  })
})
