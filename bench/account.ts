/** What a target has done in a stage so far. */
import { TooSlow } from './load/arrival.ts'
import { type Entry, entry } from './report/results.ts'
import type { Sample } from './scenarios/scenario.ts'

export class Account {
  leftOut: string | undefined
  private failed: string | undefined
  /** Of each cell. */
  private readonly samples: Sample[][]

  constructor(cells: number) {
    this.samples = Array.from({ length: cells }, () => [])
  }

  /** More would not change it. */
  get isClosed(): boolean {
    return this.leftOut !== undefined || this.failed !== undefined
  }

  /** Cells that no sample came from were not asked for. */
  add(cell: number, sample: Sample): void {
    this.samples[cell]!.push(sample)
  }

  /** @returns what comes of that; undefined when it went wrong, which is kept */
  async attempt<T>(act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act()
    } catch (error) {
      const { message } = error as Error
      if (error instanceof TooSlow) this.leftOut = message
      else this.failed = message
      return undefined
    }
  }

  entry(cell: number): Entry {
    const samples = this.samples[cell]!
    const { leftOut = samples.length === 0 ? 'cannot keep up' : undefined, failed } = this
    return entry(samples, { ...(failed === undefined && leftOut !== undefined ? { leftOut } : {}), ...(failed && { failed }) })
  }
}
