/** Publishers, each with one request under way, that do not run away from those who listen. */

import { arrived, within } from './arrival.ts'
import type { Address } from './client.ts'
import { Poster } from './poster.ts'
import type { Faults, Tally } from './tally.ts'

export type PublishersOptions = {
  readonly at: readonly Address[]
  readonly count: number
  /** How many get each event. */
  readonly audience: number
  readonly tally: Tally
  /** The next request of that publisher; undefined when it has none for now. */
  readonly next: (publisher: number) => string | undefined
}

export class Publishers implements Disposable {
  sent = 0
  answered = 0
  /** Rejects when a request fails. */
  readonly failure = Promise.withResolvers<never>()
  private readonly posters: Poster[]
  private readonly window: number
  private isEnding = false

  constructor(private readonly options: PublishersOptions) {
    this.failure.promise.catch(() => {})
    this.window = 2 * options.count
    this.posters = Array.from({ length: options.count }, (_, i) => this.poster(i))
  }

  /** Lets everybody go on who has something to send, as far as the listeners keep up. */
  go(): void {
    for (const [i, poster] of this.posters.entries()) if (!poster.isBusy && !this.goesOn(poster, i)) return
  }

  /** Sends no more, and leaves. @returns what went wrong, once everything has been answered and has arrived */
  async end(): Promise<Faults> {
    this.isEnding = true
    const answers = this.race(this.idle())
    await within(20, 'the last answers', answers)
    const faults = await arrived(this.options.tally, this.sent * this.options.audience)
    this[Symbol.dispose]()
    return faults
  }

  /** That, unless a request fails before. */
  race<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.failure.promise])
  }

  [Symbol.dispose](): void {
    for (const poster of this.posters) poster.cut()
  }

  private poster(index: number): Poster {
    return new Poster({
      at: this.options.at[index % this.options.at.length]!,
      answered: () => {
        this.answered++
        this.goesOn(this.posters[index]!, index)
      },
      failed: reason => this.failure.reject(reason),
    })
  }

  /** @returns whether the next publisher may try */
  private goesOn(poster: Poster, index: number): boolean {
    if (this.isEnding) return false
    const { audience, tally, next } = this.options
    if (audience > 0 && this.sent - tally.received / audience >= this.window) {
      tally.whenReceived((this.sent - this.window + 1) * audience, () => this.go())
      return false
    }
    const request = next(index)
    if (request === undefined) return true
    this.sent++
    poster.send(request)
    return true
  }

  private async idle(): Promise<void> {
    while (this.answered < this.sent) await Bun.sleep(2)
  }
}
