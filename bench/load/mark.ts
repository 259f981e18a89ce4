/**
 * Every event carries a mark: `#`, the number of its stream in four digits, and its sequence number in the stream in eight. The mark
 * is at the same offset in every frame of one server, so that clients need not parse frames.
 */

const hash = 0x23
const zero = 0x30
const streamDigits = 4
const numberDigits = 8

export const maxStreams = 10 ** streamDigits

/** @param number starts at 1, without gaps */
export function mark(stream: number, number: number): string {
  return `#${String(stream).padStart(streamDigits, '0')}${String(number).padStart(numberDigits, '0')}`
}

/** The mark's offset in the payload; undefined when there is none. */
export function offsetOfMark(bytes: Buffer, start: number, length: number): number | undefined {
  const at = bytes.subarray(start, start + length).indexOf(hash)
  return at === -1 ? undefined : at
}

export function streamAt(bytes: Buffer, mark: number): number {
  return digits(bytes, mark + 1, streamDigits)
}

export function numberAt(bytes: Buffer, mark: number): number {
  return digits(bytes, mark + 1 + streamDigits, numberDigits)
}

function digits(bytes: Buffer, start: number, count: number): number {
  let value = 0
  for (let i = start; i < start + count; i++) value = value * 10 + bytes[i]! - zero
  return value
}
