import { describe, expect, test } from 'bun:test'
import { FrameSplitter, textFrame } from '../../load/frames.ts'

/** A frame as servers send it: without a mask. */
function serverFrame(payload: string): Buffer {
  const { length } = payload
  if (length < 126) return Buffer.concat([Buffer.from([0x81, length]), Buffer.from(payload)])
  const head = Buffer.alloc(length < 65_536 ? 4 : 10)
  head[0] = 0x81
  head[1] = length < 65_536 ? 126 : 127
  if (length < 65_536) head.writeUInt16BE(length, 2)
  else head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, Buffer.from(payload)])
}

function split(chunks: readonly Buffer[]): string[] {
  const payloads: string[] = []
  const splitter = new FrameSplitter((bytes, start, length) => payloads.push(bytes.toString('latin1', start, start + length)))
  for (const chunk of chunks) splitter.push(chunk)
  return payloads
}

const payloads = ['', 'a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(65_535), 'e'.repeat(65_536), 'f']
const stream = Buffer.concat(payloads.map(serverFrame))

describe('FrameSplitter', () => {
  test('finds frames of every length encoding in one chunk', () => expect(split([stream])).toEqual(payloads))

  test.each([1, 2, 3, 5, 127, 4096])('finds frames in chunks of %d bytes', size => {
    const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, i) => stream.subarray(i * size, (i + 1) * size))
    expect(split(chunks)).toEqual(payloads)
  })

  test('does not return an incomplete frame', () => expect(split([stream.subarray(0, -1)])).toEqual(payloads.slice(0, -1)))

  test('copies the part of a chunk that it keeps', () => {
    const seen: string[] = []
    const splitter = new FrameSplitter((bytes, start, length) => seen.push(bytes.toString('latin1', start, start + length)))
    const whole = serverFrame('hello')
    const chunk = Buffer.from(whole.subarray(0, 4))
    splitter.push(chunk)
    chunk.fill(0)
    splitter.push(whole.subarray(4))
    expect(seen).toEqual(['hello'])
  })
})

test.each([0, 125, 126, 65_535, 65_536])('a masked text frame of %d bytes has the right header', length => {
  const bytes = textFrame('x'.repeat(length))
  const [head, size] =
    length < 126 ? [2, bytes[1]! & 127] : length < 65_536 ? [4, bytes.readUInt16BE(2)] : [10, Number(bytes.readBigUInt64BE(2))]
  expect(bytes[0]).toBe(0x81)
  expect(bytes[1]! & 0x80).toBe(0x80)
  expect(size).toBe(length)
  expect(bytes.length).toBe(head! + 4 + length)
})
