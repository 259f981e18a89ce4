/**
 * What tells one event from another: `#`, the stream's number in four digits, the event's in eight. It is at the same place in
 * every frame of one server, so that nothing needs to be parsed.
 */

const hash = 0x23
const zero = 0x30
const streamDigits = 4
const numberDigits = 8

export const maxStreams = 10 ** streamDigits

/** @param number from 1 on, without a gap */
export function mark(stream: number, number: number): string {
  return `#${String(stream).padStart(streamDigits, '0')}${String(number).padStart(numberDigits, '0')}`
}

/** Where the mark is, from the beginning of a payload; undefined when it has none. */
export function placeOfMark(bytes: Buffer, start: number, length: number): number | undefined {
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
