/**
 * Limits the memory of bodies that are being received. Bun keeps a body until it is complete, and a client may send it slowly. Each body
 * counts with its declared length, from the start.
 */
import { HttpError } from './http-error.ts'

/** The bytes of all bodies of requests with a verified signature: 26,000 publishes at once with the stock `max_request_size`. */
const signedBytes = 256 * 1024 * 1024
/** The bytes of all other bodies: those of a POST without `body_md5`, whose signature cannot be verified before its body has arrived. */
const unsignedBytes = 32 * 1024 * 1024
/** Where `max_request_size` is raised, at least so many bodies of that size are received at once. */
const minBodies = { signed: 16, unsigned: 2 }

/** How much Bun reads of a body without a declared length: more than the limit, so that an oversize body is answered with the reason. */
export function maxReceivedBytes(maxRequestBytes: number): number {
  return 2 * maxRequestBytes + 65_536
}

export class ReceivedBodies {
  private readonly signed: Room
  private readonly unsigned: Room

  constructor(maxRequestBytes: number) {
    const maxBody = maxReceivedBytes(maxRequestBytes)
    this.signed = { maxBytes: Math.max(signedBytes, minBodies.signed * maxBody), bytes: 0 }
    this.unsigned = { maxBytes: Math.max(unsignedBytes, minBodies.unsigned * maxBody), bytes: 0 }
  }

  /** A body of so many bytes is about to be read. The caller calls `end` afterwards. @throws HttpError 503 where the bound is exceeded */
  begin(isSigned: boolean, bytes: number): void {
    const room = isSigned ? this.signed : this.unsigned
    if (room.bytes + bytes > room.maxBytes)
      throw new HttpError(503, 'request-bodies', 'Too many bodies of requests are being received.', {
        headers: { 'Retry-After': '1' },
      })
    room.bytes += bytes
  }

  end(isSigned: boolean, bytes: number): void {
    const room = isSigned ? this.signed : this.unsigned
    room.bytes -= bytes
  }
}

type Room = { readonly maxBytes: number; bytes: number }

/** The largest number of bytes that a body can have. @throws HttpError 413 where its declared length exceeds the limit */
export function declaredBytes({ headers }: Request, maxBytes: number): number {
  const length = headers.get('content-length')
  // Where two lengths are sent, Bun joins them with a comma.
  if (length === null || !/^\d+$/.test(length)) return maxReceivedBytes(maxBytes)
  if (Number(length) > maxBytes) throw tooLarge(maxBytes)
  return Number(length)
}

export function tooLarge(maxBytes: number): HttpError {
  const limit = `${maxBytes} bytes (max_request_size in config/reverb.php)`
  return new HttpError(413, 'request-too-large', `Payload too large: the limit is ${limit}.`, { parameters: { limit: maxBytes } })
}

/** Whether Bun has stopped reading a chunked body, and has answered with an empty 413. No other answer can be sent, but it is counted. */
export function isOversize(error: unknown): boolean {
  return error instanceof Error && error.message.includes('maxRequestBodySize')
}
