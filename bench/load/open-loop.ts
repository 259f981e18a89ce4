/**
 * Events at a fixed rate, whatever the server does. How late each one is counts from the moment at which it was to be sent:
 * a server that stops for a while cannot hide that by not being asked.
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
  /** Gives everybody who listens an ear. */
  readonly listen: (tally: Tally) => void
}

export type OpenLoopResult = {
  /** Milliseconds of every delivery, in order of size. */
  readonly latencies: Float32Array
  /** When this is not so, the latencies are those of a queue that grows. */
  readonly keptUp: boolean
  readonly deliveriesPerSecond: number
  readonly faults: Faults
}

const connections = 64
/** What comes in this part of the time only warms up. */
const warmUp = 0.2
/** How much may wait to be sent, in seconds of the rate, when time is over. */
const maxBacklogSeconds = 0.05

export async function openLoop(options: OpenLoopOptions): Promise<OpenLoopResult> {
  const { at, perSecond, seconds, audience, writer } = options
  const total = Math.max(1, Math.round(perSecond * seconds))
  const intended = Array.from({ length: connections }, () => [0])
  const latencies = new Float32Array(total * audience)
  let count = 0
  let due = 0
  let begun = 0
  const began = performance.now()
  const timeOf = (event: number) => began + (event * 1000) / perSecond
  const measuredFrom = began + seconds * 1000 * warmUp
  const tally = new Tally(connections, (stream, number) => {
    const time = intended[stream]![number]!
    if (time >= measuredFrom && count < latencies.length) latencies[count++] = performance.now() - time
  })
  options.listen(tally)
  using publishers = new Publishers({
    at,
    count: connections,
    audience,
    tally,
    next(publisher) {
      if (begun === due) return undefined
      const number = intended[publisher]!.push(timeOf(begun++)) - 1
      return writer.write(publisher, number)
    },
  })

  /** Without rest: a timer would come up to a millisecond late. */
  async function offer(): Promise<void> {
    while (due < total) {
      const now = performance.now()
      while (due < total && timeOf(due) <= now) due++
      if (begun < due) publishers.go()
      await new Promise<void>(resolve => void setImmediate(resolve))
    }
  }

  await publishers.race(offer())
  const keptUp = due - begun <= perSecond * maxBacklogSeconds
  const deliveriesPerSecond = (tally.received * 1000) / (performance.now() - began)
  const faults = await publishers.end()
  return { latencies: latencies.subarray(0, count).sort(), keptUp, deliveriesPerSecond, faults }
}
