/** Records the samples of one server in one stage, or why there are none. */
import { TimedOut } from './load/deliveries.ts'
import { type Entry, entry } from './report/results.ts'
import type { Sample } from './scenarios/scenario.ts'

export class Recorder {
  leftOut: string | undefined
  private failed: string | undefined
  /** By workload. */
  private readonly samples: Sample[][]

  constructor(workloads: number) {
    this.samples = Array.from({ length: workloads }, () => [])
  }

  /** Whether the server is not measured any more in this stage. */
  get isClosed(): boolean {
    return this.leftOut !== undefined || this.failed !== undefined
  }

  add(workload: number, sample: Sample): void {
    this.samples[workload]!.push(sample)
  }

  /** @returns undefined when it failed, which is recorded */
  async attempt<T>(act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act()
    } catch (error) {
      const { message } = error as Error
      if (error instanceof TimedOut) this.leftOut = message
      else this.failed = message
      return undefined
    }
  }

  entry(workload: number): Entry {
    const samples = this.samples[workload]!
    const { leftOut = samples.length === 0 ? 'cannot keep up' : undefined, failed } = this
    return entry(samples, { ...(failed === undefined && leftOut !== undefined ? { leftOut } : {}), ...(failed && { failed }) })
  }
}
