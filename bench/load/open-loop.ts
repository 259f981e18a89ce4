/**
 * The open loop: events are published at a fixed rate. Latency counts from the moment at which an event is due, so that a server
 * that stalls cannot hide it by delaying the publishers (coordinated omission).
 */
import type { Address } from './client.ts'
import { Publishers } from './publishers.ts'
import type { RequestWriter } from './requests.ts'
import { type Faults, Tally } from './tally.ts'

export type OpenLoopOptions = {
  readonly at: readonly Address[]
  readonly perSecond: number
  readonly seconds: number
  readonly audience: number
  readonly writer: RequestWriter
  /** Has every subscriber count in that tally. */
  readonly listen: (tally: Tally) => void
}

export type OpenLoopResult = {
  /** Milliseconds of every delivery, ascending. */
  readonly latencies: Float32Array
  /** False when the latencies are those of a growing queue. */
  readonly keptUp: boolean
  readonly deliveriesPerSecond: number
  readonly faults: Faults
}

const connections = 64
/** The part of the time that only warms up. */
const warmUp = 0.2
/** How many seconds of events may be overdue at the end. */
const maxBacklogSeconds = 0.05

export async function openLoop(options: OpenLoopOptions): Promise<OpenLoopResult> {
  const { at, perSecond, seconds, audience, writer } = options
  const total = Math.max(1, Math.round(perSecond * seconds))
  /** When each event of each stream was due; sequence numbers start at 1. */
  const dueAtMs = Array.from({ length: connections }, () => [0])
  const latencies = new Float32Array(total * audience)
  let count = 0
  let due = 0
  let published = 0
  const startedAtMs = performance.now()
  const timeOf = (event: number) => startedAtMs + (event * 1000) / perSecond
  const measuredFromMs = startedAtMs + seconds * 1000 * warmUp
  const tally = new Tally(connections, (stream, number) => {
    const timeMs = dueAtMs[stream]![number]!
    if (timeMs >= measuredFromMs && count < latencies.length) latencies[count++] = performance.now() - timeMs
  })
  options.listen(tally)
  using publishers = new Publishers({
    at,
    count: connections,
    audience,
    tally,
    next(publisher) {
      if (published === due) return undefined
      const number = dueAtMs[publisher]!.push(timeOf(published++)) - 1
      return writer.write(publisher, number)
    },
  })

  /** Polls the clock, because a timer would be up to a millisecond late. */
  async function publishWhenDue(): Promise<void> {
    while (due < total) {
      const now = performance.now()
      while (due < total && timeOf(due) <= now) due++
      if (published < due) publishers.start()
      await new Promise<void>(resolve => void setImmediate(resolve))
    }
  }

  await publishers.orFailure(publishWhenDue())
  const keptUp = due - published <= perSecond * maxBacklogSeconds
  const deliveriesPerSecond = (tally.received * 1000) / (performance.now() - startedAtMs)
  const faults = await publishers.finish()
  return { latencies: latencies.subarray(0, count).sort(), keptUp, deliveriesPerSecond, faults }
}
