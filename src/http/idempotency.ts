/** Publishes that are sent again, because their sender never saw the answer, are answered again and not delivered again. */
import type { Bounds } from '../core/expiring-map.ts'
import { ExpiringMaps } from '../core/expiring-maps.ts'
import { bytesInMemory } from '../protocol/bytes.ts'
import { HttpError } from './http-error.ts'

export const keyHeader = 'X-Idempotency-Key'
/** Says that an answer is that of an earlier request. */
export const replayedHeader = 'X-Idempotency-Replayed'

type Remembered = { readonly fingerprint: string; readonly answer: string }

/** Visible ASCII. */
const validKey = /^[!-~]{1,255}$/

/** Of all apps together, beyond which keys are forgotten of the app that has most: 130,000 keys of a queue, 1,100 publishes a second. */
const maxBytes = 64 * 1024 * 1024
/** What a key takes in memory beside the three texts. */
const entryBytes = 400

/** The answers of the last `seconds` to publishes that had a key, of every app. */
export class Idempotency {
  private readonly answers: ExpiringMaps<Remembered>
  private readonly bounds: Bounds
  private expiredAtMs = Number.NEGATIVE_INFINITY

  /** @param onDropped so many keys of an app, at least one, were forgotten before their time to make room */
  constructor(
    private readonly seconds: number,
    private readonly onDropped: (appId: string, count: number) => void,
    limit = maxBytes,
  ) {
    this.answers = new ExpiringMaps(limit, entryBytes)
    this.bounds = { ttlMs: seconds * 1000, maxEntries: Number.POSITIVE_INFINITY, maxBytes: limit }
  }

  /**
   * The answer that was given to the same request; undefined when there was none.
   *
   * @param fingerprint of what is published
   * @throws HttpError 400 when the key is malformed, 422 when it came with something else
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
    )
  }

  remember(appId: string, key: string, fingerprint: string, answer: string, nowMs: number): void {
    this.expire(nowMs)
    const bytes = key.length + fingerprint.length + bytesInMemory(answer)
    this.answers.set(appId, this.bounds, key, { fingerprint, answer }, bytes, nowMs)
    for (const [ofApp, count] of this.answers.takeDropped()) this.onDropped(ofApp, count)
  }

  /** How many answers are remembered, of all apps. */
  get size(): number {
    return this.answers.size
  }

  /** Of every app, once a second at most: also of those that publish no more. */
  private expire(nowMs: number): void {
    if (nowMs - this.expiredAtMs < 1000) return
    this.expiredAtMs = nowMs
    this.answers.expire(nowMs)
  }
}
