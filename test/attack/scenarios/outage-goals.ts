/** What has to hold while Redis fails and afterwards. */
import { mebibyte, type Pings, pingMeasures } from './measures.ts'
import type { ScenarioOutcome } from './scenario.ts'

/** A little less than `max_request_size` of 10,000, as shipped. */
export const eventBytes = 9000

/** While Redis fails. */
const maxRssMib = 200
/** JavaScriptCore collects garbage beside the server: where other programs take its core, more of it piles up. 226 were measured in CI. */
const maxSharedRssMib = 300
/**
 * While 16 MiB of queued events are delivered beside 20 MB/s of new ones: 318 at most were measured on a busy machine, because garbage
 * is collected later than it is made.
 */
const maxRecoveryRssMib = 400
/** The oldest unacknowledged message is 3 s old then, and the server looks every second. */
const maxDegradedSeconds = 5

type Received = { readonly received: number; readonly repeated: number; readonly skipped: number }

/** What was measured of two servers: lists have the publishing one first, then the other one. */
export type Measured = {
  /** How long the publisher published. */
  readonly seconds: number
  /** Whether Redis continued to deliver. */
  readonly delivers: boolean
  /** `last`: of each stream, since the publisher was started. `events`: of the time that is measured. */
  readonly published: { readonly last: readonly number[]; readonly events: number; readonly failures: readonly string[] }
  /** What the subscriber of the publishing server received. */
  readonly here: Received
  /** What the subscriber of the other server received. */
  readonly there: Received
  /** How many events both servers together have counted as dropped. */
  readonly dropped: number
  readonly without: readonly Pings[]
  readonly pings: readonly Pings[]
  readonly rssBefore: readonly number[]
  /** The largest resident memory until the end of the fault. */
  readonly rssDuring: readonly number[]
  /** Most until everything has been delivered. */
  readonly rssMost: readonly number[]
  /** Seconds from the beginning of the fault. */
  readonly degradedAfter: number
  readonly isReady: boolean
}

export function judged(measured: Measured): ScenarioOutcome {
  const { seconds, delivers, published, here, there, dropped, without, pings, rssBefore, rssDuring, rssMost, degradedAfter } =
    measured
  const sent = published.last.reduce((sum, last) => sum + last, 0)
  const missing = sent - there.received
  return {
    measures: [
      { text: 'published, MB/s', value: (published.events * eventBytes) / 1_000_000 / seconds },
      ...['publishing', 'other'].flatMap((name, i) => [
        { text: `${name} server: MiB before`, value: rssBefore[i]! / mebibyte },
        { text: 'during', value: rssDuring[i]! / mebibyte, limit: maxRssMib, sharedLimit: maxSharedRssMib },
        { text: 'at most afterwards', value: rssMost[i]! / mebibyte, limit: maxRecoveryRssMib },
        ...pingMeasures(without[i]!, pings[i]!),
      ]),
      { text: 'degraded after, s', value: degradedAfter, ...(delivers ? {} : { limit: maxDegradedSeconds }) },
      { text: 'events', value: sent },
      { text: 'missing on the other server', value: missing },
      { text: 'counted as dropped', value: dropped },
    ],
    faults: [
      ...published.failures.map(reason => `a publish failed: ${reason}`),
      ...(here.received === sent && here.repeated + here.skipped === 0
        ? []
        : [`a client of the publishing server received ${here.received} of ${sent} events, ${here.repeated} of them again`]),
      ...(there.repeated === 0 ? [] : [`${there.repeated} events arrived again or late on the other server`]),
      // Of an event that Redis has refused, or that was on its way when a connection ended, the server may not know that it has arrived.
      ...(missing <= dropped ? [] : [`${missing} events are missing on the other server, and ${dropped} are counted as dropped`]),
      ...(measured.isReady ? [] : ['/ready is still degraded when everything has been published']),
    ],
  }
}
