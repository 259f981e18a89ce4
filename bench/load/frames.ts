/** Cuts what a server sends into frames, and looks at nothing but their lengths. */

/** A frame's payload, as a part of the bytes that came. */
export type Visit = (bytes: Buffer, start: number, length: number) => void

/** The frames of one socket. Servers do not mask; what a chunk ends in the middle of waits for the next. */
export class FrameCutter {
  private rest: Buffer | undefined

  constructor(private readonly visit: Visit) {}

  take(chunk: Buffer): void {
    const bytes = this.rest === undefined ? chunk : Buffer.concat([this.rest, chunk])
    const end = bytes.length
    let at = 0
    while (at + 2 <= end) {
      let length = bytes[at + 1]!
      let start = at + 2
      if (length >= 126) {
        start += length === 126 ? 2 : 8
        if (start > end) break
        length = length === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
      }
      if (start + length > end) break
      this.visit(bytes, start, length)
      at = start + length
    }
    // A copy: the chunk's memory is the runtime's own.
    this.rest = at === end ? undefined : Buffer.from(bytes.subarray(at))
  }
}

/** A masked text frame, with the mask 0. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const { length } = payload
  const head =
    length < 126
      ? [0x81, 0x80 | length]
      : length < 65_536
        ? [0x81, 0xfe, length >> 8, length & 255]
        : [0x81, 0xff, 0, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255]
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload])
}
