/** Splits a byte stream into WebSocket frames by their lengths, without parsing payloads. */

/** Called with the payload of a frame, as a part of the received bytes. */
export type OnFrame = (bytes: Buffer, start: number, length: number) => void

/** The frames of one connection. Servers do not mask them. A frame that is incomplete at the end of a chunk waits for the next one. */
export class FrameSplitter {
  private incomplete: Buffer | undefined

  constructor(private readonly onFrame: OnFrame) {}

  push(chunk: Buffer): void {
    const bytes = this.incomplete === undefined ? chunk : Buffer.concat([this.incomplete, chunk])
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
      this.onFrame(bytes, start, length)
      at = start + length
    }
    // A copy, because the runtime reuses the memory of the chunk.
    this.incomplete = at === end ? undefined : Buffer.from(bytes.subarray(at))
  }
}

/** A text frame as a client sends it. The mask is 0, so that the payload need not be masked. */
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
