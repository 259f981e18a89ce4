/**
 * How much memory the bodies take that are being received. Bun keeps a body until it is whole, and a client may send it as slowly as it
 * likes. Each body counts with the length that it announces, from the start.
 */
import { HttpError } from './http-error.ts'

/** Bytes of all bodies of requests whose signature is verified: 26,000 publishes at once with the stock `max_request_size`. */
const signedBytes = 256 * 1024 * 1024
/** Of all others. Only a POST without `body_md5` is one, whose signature cannot be verified before its body is there. */
const unsignedBytes = 32 * 1024 * 1024
/** Where `max_request_size` was raised, so many bodies of that size are received at once all the same. */
const largest = { signed: 16, unsigned: 2 }

/** Bun reads so much of a body that announces no length: more than the limit, so that an oversize body is answered with the reason. */
export function maxReceivedBytes(maxRequestBytes: number): number {
  return 2 * maxRequestBytes + 65_536
}

export class ReceivedBodies {
  private readonly signed: Room
  private readonly unsigned: Room

  constructor(maxRequestBytes: number) {
    const most = maxReceivedBytes(maxRequestBytes)
    this.signed = { maxBytes: Math.max(signedBytes, largest.signed * most), bytes: 0 }
    this.unsigned = { maxBytes: Math.max(unsignedBytes, largest.unsigned * most), bytes: 0 }
  }

  /** A body of so many bytes is about to be read. To be ended. @throws HttpError 503 where there is no room for it */
  begin(isSigned: boolean, bytes: number): void {
    const room = isSigned ? this.signed : this.unsigned
    if (room.bytes + bytes > room.maxBytes)
      throw new HttpError(503, 'request-bodies', 'Too many bodies of requests are being received.', { 'Retry-After': '1' })
    room.bytes += bytes
  }

  end(isSigned: boolean, bytes: number): void {
    const room = isSigned ? this.signed : this.unsigned
    room.bytes -= bytes
  }
}

type Room = { readonly maxBytes: number; bytes: number }

/** How long a body is at most, in bytes. @throws HttpError 413 where it announces that it is too long */
export function declaredBytes({ headers }: Request, maxBytes: number): number {
  const length = headers.get('content-length')
  // Bun takes a length that is sent twice, and hands over both with a comma.
  if (length === null || !/^\d+$/.test(length)) return maxReceivedBytes(maxBytes)
  if (Number(length) > maxBytes) throw tooLarge(maxBytes)
  return Number(length)
}

export function tooLarge(maxBytes: number): HttpError {
  const limit = `${maxBytes} bytes (max_request_size in config/reverb.php)`
  return new HttpError(413, 'request-too-large', `Payload too large: the limit is ${limit}.`)
}

/** Whether Bun has stopped to read a body in chunks, and has answered with an empty 413: nothing else can be sent, but it is counted. */
export function isOversize(error: unknown): boolean {
  return error instanceof Error && error.message.includes('maxRequestBodySize')
}
