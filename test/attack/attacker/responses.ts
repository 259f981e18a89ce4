/** Splits the bytes of one HTTP connection into responses, and reads of each only its status and length. */

export class ResponseSplitter {
  private rest: Buffer = Buffer.alloc(0)

  constructor(private readonly answered: (status: string) => void) {}

  take(chunk: Buffer): void {
    let bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    for (;;) {
      const end = bytes.indexOf('\r\n\r\n')
      if (end === -1) break
      const head = bytes.toString('latin1', 0, end)
      const length = end + 4 + Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
      if (bytes.length < length) break
      this.answered(head.slice(9, 12))
      bytes = bytes.subarray(length)
    }
    // A copy: the memory of the chunk belongs to the runtime.
    this.rest = Buffer.from(bytes)
  }
}
