/**
 * Counts what the server refuses, by kind and app, and reports it: the first of a kind at once, then once a minute at most with
 * the count since. Whoever measures the server reads the same counters.
 */
import type { Refusal } from '../protocol/refusal.ts'

export type RefusalReport = {
  readonly refusal: Refusal
  readonly appId: string | undefined
  /** Since the last report of the same kind and app, at least one. */
  readonly count: number
  /** Since that report, rounded; 0 for one that comes at once. */
  readonly seconds: number
  /** What the first of them was about, as a client sent it, to its thousandth character. */
  readonly about: string
}

type Tally = {
  readonly refusal: Refusal
  readonly appId: string | undefined
  total: number
  /** What is not reported yet. */
  waiting: number
  about: string
  reportedAtMs: number
}

const reportMs = 60_000
/** Of a kind and an app each. Each takes about 100 bytes and what one refusal is about: 1 MB together. */
const maxTallies = 1000
/** Characters of what a refusal is about: five times what a log line shows. What is wrong with a batch of 10 KB fills 600 KB. */
const maxAbout = 1000

export class Refusals {
  private readonly tallies = new Map<string | undefined, Map<Refusal, Tally>>()
  private readonly waiting = new Set<Tally>()
  private size = 0

  constructor(
    private readonly report: (report: RefusalReport) => void,
    private readonly limit = maxTallies,
  ) {}

  /**
   * @param appId of an app that there is: what clients invent gets no counter of its own
   * @param times that it has happened at once, at least one
   */
  count(refusal: Refusal, appId: string | undefined, about: string, nowMs: number, times = 1): void {
    const tally = this.tallyOf(refusal, appId)
    tally.total += times
    if (tally.waiting === 0) tally.about = beginning(about)
    tally.waiting += times
    if (nowMs - tally.reportedAtMs >= reportMs) this.reportTally(tally, nowMs)
    else this.waiting.add(tally)
  }

  /** Reports what has waited for a minute. */
  tick(nowMs: number): void {
    for (const tally of this.waiting) if (nowMs - tally.reportedAtMs >= reportMs) this.reportTally(tally, nowMs)
  }

  /** Reports all that waits, because the server stops. */
  end(nowMs: number): void {
    for (const tally of this.waiting) this.reportTally(tally, nowMs)
  }

  /** Counts since the start; of refusals that belong to no app, and of apps beyond the limit, under undefined. */
  *totals(): Generator<Pick<Tally, 'refusal' | 'appId' | 'total'>> {
    for (const ofApp of this.tallies.values()) yield* ofApp.values()
  }

  private reportTally(tally: Tally, nowMs: number): void {
    const { refusal, appId, waiting: count, about, reportedAtMs } = tally
    const seconds = reportedAtMs === Number.NEGATIVE_INFINITY ? 0 : Math.round((nowMs - reportedAtMs) / 1000)
    tally.waiting = 0
    tally.about = ''
    tally.reportedAtMs = nowMs
    this.waiting.delete(tally)
    this.report({ refusal, appId, count, seconds, about })
  }

  /** There are as many without an app as there are kinds, so that these always have room. */
  private tallyOf(refusal: Refusal, appId: string | undefined): Tally {
    const found = this.tallies.get(appId)?.get(refusal)
    if (found !== undefined) return found
    if (appId !== undefined && this.size >= this.limit) return this.tallyOf(refusal, undefined)
    const tally: Tally = { refusal, appId, total: 0, waiting: 0, about: '', reportedAtMs: Number.NEGATIVE_INFINITY }
    const ofApp = this.tallies.get(appId) ?? new Map<Refusal, Tally>()
    this.tallies.set(appId, ofApp)
    ofApp.set(refusal, tally)
    this.size++
    return tally
  }
}

/** A slice would keep the whole text in memory. */
function beginning(text: string): string {
  return text.length <= maxAbout ? text : Buffer.from(text.slice(0, maxAbout)).toString()
}
