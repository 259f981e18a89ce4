import { describe, expect, test } from 'bun:test'
import { mark } from '../../load/mark.ts'
import { isFaultless, Tally } from '../../load/tally.ts'

function send(ear: ReturnType<Tally['ear']>, stream: number, number: number, around = ['{"data":"', '"}']): void {
  const bytes = Buffer.from(`..${around[0]}${mark(stream, number)}${around[1]}..`)
  ear(bytes, 2, bytes.length - 4)
}

function heard(numbers: readonly number[], expected = numbers.length) {
  const tally = new Tally(1)
  const ear = tally.ear()
  for (const number of numbers) send(ear, 0, number)
  return tally.faults(expected)
}

describe('a tally', () => {
  test('is content with every frame, once and in order', () => expect(isFaultless(heard([1, 2, 3]))).toBe(true))
  test('misses the last one', () => expect(heard([1, 2], 3)).toEqual({ missing: 1, repeated: 0, skipped: 0 }))
  test('misses one in the middle', () => expect(heard([1, 3], 3)).toEqual({ missing: 1, repeated: 0, skipped: 1 }))
  test('misses the first one', () => expect(heard([2, 3], 3)).toEqual({ missing: 1, repeated: 0, skipped: 1 }))
  test('sees one twice', () => expect(heard([1, 2, 2], 2)).toEqual({ missing: 0, repeated: 1, skipped: 0 }))
  test('sees one twice in place of another', () => expect(heard([1, 1, 3], 3)).toEqual({ missing: 0, repeated: 1, skipped: 1 }))
  test('sees two in the wrong order', () => expect(heard([2, 1], 2)).toEqual({ missing: 0, repeated: 1, skipped: 1 }))

  test('keeps streams apart, and sockets', () => {
    const tally = new Tally(2)
    const [one, other] = [tally.ear(), tally.ear()]
    send(one, 0, 1)
    send(one, 1, 1)
    send(other, 1, 1)
    send(one, 0, 2)
    expect(tally.received).toBe(4)
    expect(isFaultless(tally.faults(4))).toBe(true)
  })

  test('leaves out frames without a mark', () => {
    const tally = new Tally(1)
    const ping = Buffer.from('{"event":"pusher:ping"}')
    tally.ear()(ping, 0, ping.length)
    expect(tally.received).toBe(0)
  })

  test('finds the mark where another server has it', () => {
    const tally = new Tally(1)
    const ear = tally.ear()
    send(ear, 0, 1)
    send(ear, 0, 2, ['{"channel":"news","data":"', '"}'])
    expect(isFaultless(tally.faults(2))).toBe(true)
  })

  test('says what has been heard', () => {
    const events: number[][] = []
    const ear = new Tally(1000, (stream, number) => events.push([stream, number])).ear()
    send(ear, 999, 1)
    expect(events).toEqual([[999, 1]])
  })

  test('rings once, when so many have come', () => {
    const tally = new Tally(1)
    const ear = tally.ear()
    const rings: number[] = []
    tally.whenReceived(2, () => rings.push(tally.received))
    for (const number of [1, 2, 3]) send(ear, 0, number)
    expect(rings).toEqual([2])
    tally.whenReceived(3, () => rings.push(tally.received))
    expect(rings).toEqual([2, 3])
  })
})
