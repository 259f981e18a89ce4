/** The closed loop: publishers with one request in flight each, which wait for subscribers that fall behind. */
import { ApiClient } from './api-client.ts'
import type { Address } from './client.ts'
import { awaitDeliveries, withTimeout } from './deliveries.ts'
import type { Faults, Tally } from './tally.ts'

export type PublishersOptions = {
  readonly at: readonly Address[]
  readonly count: number
  /** How many subscribers each event has. */
  readonly audience: number
  readonly tally: Tally
  /** The next request of that publisher; undefined when it has none for now. */
  readonly next: (publisher: number) => string | undefined
}

/** Subscribers may be this many events behind for each publisher. */
const windowPerPublisher = 2
const lastResponsesSeconds = 20

export class Publishers implements Disposable {
  sent = 0
  answered = 0
  /** Rejects when a request fails. */
  readonly failure = Promise.withResolvers<never>()
  private readonly apiClients: ApiClient[]
  private readonly window: number
  private isFinishing = false

  constructor(private readonly options: PublishersOptions) {
    this.failure.promise.catch(() => {})
    this.window = windowPerPublisher * options.count
    this.apiClients = Array.from({ length: options.count }, (_, i) => this.apiClient(i))
  }

  /** Starts every idle publisher that has a request, as far as the window allows. */
  start(): void {
    for (const [i, apiClient] of this.apiClients.entries()) if (!apiClient.isBusy && !this.publish(apiClient, i)) return
  }

  /** Publishes nothing more, and disconnects after the last response and delivery. */
  async finish(): Promise<Faults> {
    this.isFinishing = true
    await withTimeout(lastResponsesSeconds, 'the last responses', this.orFailure(this.allAnswered()))
    const faults = await awaitDeliveries(this.options.tally, this.sent * this.options.audience)
    this[Symbol.dispose]()
    return faults
  }

  /** The promise, unless a request fails first. */
  orFailure<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.failure.promise])
  }

  [Symbol.dispose](): void {
    for (const apiClient of this.apiClients) apiClient.reset()
  }

  private apiClient(index: number): ApiClient {
    return new ApiClient({
      at: this.options.at[index % this.options.at.length]!,
      answered: () => {
        this.answered++
        this.publish(this.apiClients[index]!, index)
      },
      failed: reason => this.failure.reject(reason),
    })
  }

  /** @returns whether the next publisher may try */
  private publish(apiClient: ApiClient, index: number): boolean {
    if (this.isFinishing) return false
    const { audience, tally, next } = this.options
    if (audience > 0 && this.sent - tally.received / audience >= this.window) {
      tally.whenReceived((this.sent - this.window + 1) * audience, () => this.start())
      return false
    }
    const request = next(index)
    if (request === undefined) return true
    this.sent++
    apiClient.send(request)
    return true
  }

  private async allAnswered(): Promise<void> {
    while (this.answered < this.sent) await Bun.sleep(2)
  }
}
