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

  constructor(private readonly seconds: number) {}

  /**
   * The answer that was given to the same request; undefined when there was none.
   *
   * @param fingerprint of what is published
   * @throws HttpError 400 when the key is malformed, 422 when it came with something else
   */
  find(appId: string, key: string, fingerprint: string, nowMs: number): string | undefined {
    if (!validKey.test(key)) throw new HttpError(400, `${keyHeader} must be 1 to 255 visible ASCII characters.`)
    const before = this.answers.get(appId)?.get(key, nowMs)
    if (before === undefined || before.fingerprint === fingerprint) return before?.answer
    throw new HttpError(422, `${keyHeader} was used within the last ${this.seconds} seconds for something else.`)
  }

  remember(appId: string, key: string, fingerprint: string, answer: string, nowMs: number): void {
    const ofApp = this.answers.get(appId) ?? new ExpiringMap<Remembered>({ ttlMs: this.seconds * 1000, ...bounds })
    this.answers.set(appId, ofApp)
    ofApp.expire(nowMs)
    ofApp.set(key, { fingerprint, answer }, key.length + fingerprint.length + answer.length, nowMs)
  }
}
