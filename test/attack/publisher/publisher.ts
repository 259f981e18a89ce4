/** Signed requests that publish an event each, at a fixed rate over connections that have one request under way each. */

import { ApiClient } from 'revurb-bench/load/api-client.ts'
import type { Address } from 'revurb-bench/load/client.ts'
import { RequestWriter } from 'revurb-bench/load/requests.ts'
import { everySoOften } from '../probe/schedule.ts'

export type PublisherSettings = {
  readonly at: Address
  readonly channel: string
  /** The length of the data of an event. */
  readonly eventBytes: number
  readonly perSecond: number
}

export type PublisherReport = {
  /** Number of the last event that each connection has published, from 1 on, since the publisher was started. */
  readonly last: readonly number[]
  /** How many events were published by this order. */
  readonly events: number
  readonly failures: readonly string[]
}

/** Each connection is a stream of its own, in which events are numbered. */
export const publisherConnections = 16

/** A signature holds for ten minutes. */
const freshMs = 60_000
const timeoutMs = 30_000

export class Publisher {
  private readonly last = Array.from({ length: publisherConnections }, () => 0)
  private readonly apiClients: readonly ApiClient[]
  private readonly failures = new Set<string>()
  private writer: RequestWriter
  private writtenMs = performance.now()
  private next = 0

  constructor(private readonly settings: PublisherSettings) {
    const { at } = settings
    this.writer = this.freshWriter()
    this.apiClients = this.last.map(
      () => new ApiClient({ at, answered() {}, failed: ({ message }) => this.failures.add(message.split('\r\n')[0]!) }),
    )
  }

  /** What is due while every connection waits for an answer is not published: the rate is at most what was asked for. */
  async publish(seconds: number): Promise<PublisherReport> {
    let events = 0
    await everySoOften({ perSecond: this.settings.perSecond, seconds }, () => {
      if (this.send()) events++
    })
    await this.answered()
    return { last: this.last, events, failures: [...this.failures] }
  }

  cut(): void {
    for (const apiClient of this.apiClients) apiClient.reset()
  }

  private send(): boolean {
    const count = this.apiClients.length
    for (let tried = 0; tried < count; tried++) {
      const stream = this.next++ % count
      const apiClient = this.apiClients[stream]!
      if (apiClient.isBusy) continue
      if (performance.now() - this.writtenMs > freshMs) this.writer = this.freshWriter()
      apiClient.send(this.writer.write(stream, ++this.last[stream]!))
      return true
    }
    return false
  }

  private freshWriter(): RequestWriter {
    this.writtenMs = performance.now()
    return new RequestWriter(this.settings.channel, this.settings.eventBytes)
  }

  private async answered(): Promise<void> {
    const sinceMs = performance.now()
    while (this.apiClients.some(({ isBusy }) => isBusy)) {
      if (performance.now() - sinceMs > timeoutMs) {
        this.failures.add('a publish was not answered')
        return
      }
      await Bun.sleep(5)
    }
  }
}
