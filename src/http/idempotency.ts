/** A publish that is sent again, because its sender has not received the answer, is answered again and not delivered again. */
import type { Bounds } from '../core/expiring-map.ts'
import { ExpiringMaps } from '../core/expiring-maps.ts'
import { bytesInMemory } from '../protocol/bytes.ts'
import { HttpError } from './http-error.ts'

export const keyHeader = 'X-Idempotency-Key'
/** The header of an answer that repeats that of an earlier request. */
export const replayedHeader = 'X-Idempotency-Replayed'

type Remembered = { readonly fingerprint: string; readonly answer: string }

/** A key consists of visible ASCII characters. */
const validKey = /^[!-~]{1,255}$/

/** The bound of all apps together, beyond which keys of the app that has most are dropped: 130,000 keys of a queue, 1,100 publishes a second. */
const maxBytes = 64 * 1024 * 1024
/** The memory of a key beside the three texts. */
const entryBytes = 400

/** The answers of the last `seconds` to publishes with a key, of all apps. */
export class Idempotency {
  private readonly answers: ExpiringMaps<Remembered>
  private readonly bounds: Bounds
  private expiredAtMs = Number.NEGATIVE_INFINITY

  /** @param onDropped called where keys of an app, one or more, were dropped before they expired, to make room */
  constructor(
    private readonly seconds: number,
    private readonly onDropped: (appId: string, count: number) => void,
    limit = maxBytes,
  ) {
    this.answers = new ExpiringMaps(limit, entryBytes)
    this.bounds = { ttlMs: seconds * 1000, maxEntries: Number.POSITIVE_INFINITY, maxBytes: limit }
  }

  /**
   * Finds the answer to an earlier request with the same key; undefined where there was none.
   *
   * @param fingerprint a hash of what is published
   * @throws HttpError 400 where the key is malformed, 422 where it was used for another publish
   */
  find(appId: string, key: string, fingerprint: string, nowMs: number): string | undefined {
    if (!validKey.test(key))
      throw new HttpError(400, 'request-idempotency-key', `${keyHeader} must be 1 to 255 visible ASCII characters.`)
    const before = this.answers.get(appId, key, nowMs)
    if (before === undefined || before.fingerprint === fingerprint) return before?.answer
    throw new HttpError(
      422,
      'request-idempotency-key',
      `${keyHeader} was used within the last ${this.seconds} seconds for something else.`,
      { parameters: { seconds: this.seconds } },
    )
  }

  remember(appId: string, key: string, fingerprint: string, answer: string, nowMs: number): void {
    this.expire(nowMs)
    const bytes = key.length + fingerprint.length + bytesInMemory(answer)
    this.answers.set(appId, this.bounds, key, { fingerprint, answer }, bytes, nowMs)
    for (const [ofApp, count] of this.answers.takeDropped()) this.onDropped(ofApp, count)
  }

  /** How many answers of all apps are remembered. */
  get size(): number {
    return this.answers.size
  }

  /** Removes expired answers of all apps, also of those that no longer publish: once a second at most. */
  private expire(nowMs: number): void {
    if (nowMs - this.expiredAtMs < 1000) return
    this.expiredAtMs = nowMs
    this.answers.expire(nowMs)
  }
}
