/** Publishes that are sent again, because their sender never saw the answer, are answered again and not delivered again. */
import { ExpiringMap } from '../core/expiring-map.ts'
import { HttpError } from './http-error.ts'

export const keyHeader = 'X-Idempotency-Key'
/** Says that an answer is that of an earlier request. */
export const replayedHeader = 'X-Idempotency-Replayed'

type Remembered = { readonly fingerprint: string; readonly answer: string }

/** Visible ASCII. */
const validKey = /^[!-~]{1,255}$/

const bounds = { maxEntries: 100_000, maxBytes: 64 * 1024 * 1024 }

/** The answers of the last `seconds` to publishes that had a key, of every app. */
export class Idempotency {
  private readonly answers = new Map<string, ExpiringMap<Remembered>>()
  private expiredAtMs = Number.NEGATIVE_INFINITY

  constructor(private readonly seconds: number) {}

  /**
   * The answer that was given to the same request; undefined when there was none.
   *
   * @param fingerprint of what is published
   * @throws HttpError 400 when the key is malformed, 422 when it came with something else
   */
  find(appId: string, key: string, fingerprint: string, nowMs: number): string | undefined {
    if (!validKey.test(key))
      throw new HttpError(400, 'request-idempotency-key', `${keyHeader} must be 1 to 255 visible ASCII characters.`)
    const before = this.answers.get(appId)?.get(key, nowMs)
    if (before === undefined || before.fingerprint === fingerprint) return before?.answer
    throw new HttpError(
      422,
      'request-idempotency-key',
      `${keyHeader} was used within the last ${this.seconds} seconds for something else.`,
    )
  }

  remember(appId: string, key: string, fingerprint: string, answer: string, nowMs: number): void {
    this.expire(nowMs)
    const ofApp = this.answers.get(appId) ?? new ExpiringMap<Remembered>({ ttlMs: this.seconds * 1000, ...bounds })
    this.answers.set(appId, ofApp)
    ofApp.set(key, { fingerprint, answer }, key.length + fingerprint.length + answer.length, nowMs)
  }

  /** How many answers are remembered, of all apps. */
  get size(): number {
    return [...this.answers.values()].reduce((sum, { size }) => sum + size, 0)
  }

  /** Of every app, once a second at most: also of those that publish no more. */
  private expire(nowMs: number): void {
    if (nowMs - this.expiredAtMs < 1000) return
    this.expiredAtMs = nowMs
    for (const [appId, ofApp] of this.answers) {
      ofApp.expire(nowMs)
      if (ofApp.size === 0) this.answers.delete(appId)
    }
  }
}
