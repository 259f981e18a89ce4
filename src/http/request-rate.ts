/** How often an application may use the HTTP API. Only requests whose signature holds count: nobody else can use it up. */
import type { App } from '../core/app.ts'
import { admit, newWindow, type Window } from '../core/rate-limit.ts'
import { HttpError } from './http-error.ts'

export class RequestRates {
  private readonly windows = new Map<string, Window>()

  /** @throws HttpError 429 with `Retry-After` */
  count({ id, requestRate }: App, nowMs: number): void {
    if (requestRate === null) return
    const window = this.windows.get(id) ?? newWindow()
    this.windows.set(id, window)
    if (admit(window, requestRate, nowMs)) return
    const { maxAttempts, decaySeconds } = requestRate
    throw new HttpError(
      429,
      'request-rate',
      `Too many requests: the limit is ${maxAttempts} in ${decaySeconds} seconds (request_rate_limiting).`,
      {
        'Retry-After': String(Math.ceil((window.endsAtMs - nowMs) / 1000)),
      },
    )
  }
}
