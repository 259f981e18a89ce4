/** Reports messages of other nodes that were ignored or dropped: once a minute at most, with the counts since the start. */
import type { Counters } from '../cluster/counters.ts'

const lossReportMs = 60_000

export class LossReport {
  private reported = 0
  private reportedAtMs = Number.NEGATIVE_INFINITY

  constructor(private readonly onLoss: (counters: Counters) => void) {}

  /** Called every second. Reports where more was lost than before, and the last report is a minute ago. */
  tick(counters: Counters, nowMs: number): void {
    if (nowMs - this.reportedAtMs < lossReportMs || !this.hasMore(counters)) return
    this.reportedAtMs = nowMs
    this.report(counters)
  }

  /** Reports what is not reported yet, because this server leaves its cluster. */
  end(counters: Counters): void {
    if (this.hasMore(counters)) this.report(counters)
  }

  private hasMore(counters: Counters): boolean {
    return totalOf(counters) !== this.reported
  }

  private report(counters: Counters): void {
    this.reported = totalOf(counters)
    this.onLoss(counters)
  }
}

function totalOf(counters: Counters): number {
  return Object.values(counters).reduce((sum, count) => sum + count, 0)
}
