/** The rate limit of an application for the HTTP API. Only requests with a valid signature count, so that only the application can use it up. */
import type { App } from '../core/app.ts'
import { admit, newWindow, type Window } from '../core/rate-limit.ts'
import { HttpError } from './http-error.ts'

export class RequestRates {
  private readonly windows = new Map<string, Window>()
  private expiredAtMs = Number.NEGATIVE_INFINITY

  /** @throws HttpError 429 with `Retry-After` */
  count({ id, requestRate }: App, nowMs: number): void {
    if (requestRate === null) return
    this.expire(nowMs)
    const window = this.windows.get(id) ?? newWindow()
    this.windows.set(id, window)
    if (admit(window, requestRate, nowMs)) return
    const { maxAttempts, decaySeconds } = requestRate
    throw new HttpError(
      429,
      'request-rate',
      `Too many requests: the limit is ${maxAttempts} in ${decaySeconds} seconds (request_rate_limiting).`,
      {
        parameters: { limit: maxAttempts, seconds: decaySeconds },
        headers: { 'Retry-After': String(Math.ceil((window.endsAtMs - nowMs) / 1000)) },
      },
    )
  }

  /** How many applications have a window that has not ended. */
  get size(): number {
    return this.windows.size
  }

  /** Removes the windows of all applications that have ended: once a second at most. Apps of a custom source are added and removed. */
  private expire(nowMs: number): void {
    if (nowMs - this.expiredAtMs < 1000) return
    this.expiredAtMs = nowMs
    for (const [id, { endsAtMs }] of this.windows) if (nowMs >= endsAtMs) this.windows.delete(id)
  }
}
