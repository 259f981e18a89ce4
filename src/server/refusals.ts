/**
 * Counts what the server refuses, by kind and app, and reports it: the first of a kind at once, then once a minute at most with
 * the count since. Measurements read the same counters.
 */
import type { Refusal } from '../protocol/refusal.ts'

export type RefusalReport = {
  readonly refusal: Refusal
  readonly appId: string | undefined
  /** How many there were since the last report of the same kind and app, at least one. */
  readonly count: number
  /** The seconds since that report, rounded; 0 for the first. */
  readonly seconds: number
  /** What the first of them was about, as a client sent it, cut to 1,000 characters. */
  readonly about: string
}

type Tally = {
  readonly refusal: Refusal
  readonly appId: string | undefined
  total: number
  /** How many are not reported yet. */
  unreported: number
  about: string
  reportedAtMs: number
}

const reportMs = 60_000
/** How many pairs of a kind and an app are counted. Each takes about 100 bytes and what one refusal is about: 1 MB together. */
const maxTallies = 1000
/** How many characters of what a refusal is about are kept: five times what is logged. The faults of a batch of 10 KB fill 600 KB. */
const maxAbout = 1000

export class Refusals {
  private readonly tallies = new Map<string | undefined, Map<Refusal, Tally>>()
  private readonly unreported = new Set<Tally>()
  private size = 0

  constructor(
    private readonly report: (report: RefusalReport) => void,
    private readonly limit = maxTallies,
  ) {}

  /**
   * @param appId the id of an app that exists: ids that clients invent get no counters of their own
   * @param times how often it has happened at once, at least one
   */
  count(refusal: Refusal, appId: string | undefined, about: string, nowMs: number, times = 1): void {
    const tally = this.tallyOf(refusal, appId)
    tally.total += times
    if (tally.unreported === 0) tally.about = beginning(about)
    tally.unreported += times
    if (nowMs - tally.reportedAtMs >= reportMs) this.reportTally(tally, nowMs)
    else this.unreported.add(tally)
  }

  /** Reports what was last reported a minute ago or more. Called every second. */
  tick(nowMs: number): void {
    for (const tally of this.unreported) if (nowMs - tally.reportedAtMs >= reportMs) this.reportTally(tally, nowMs)
  }

  /** Reports all that is not reported yet, because the server stops. */
  end(nowMs: number): void {
    for (const tally of this.unreported) this.reportTally(tally, nowMs)
  }

  /** The counts since the start. Refusals that belong to no app, and those of apps beyond the limit, have no app id. */
  *totals(): Generator<Pick<Tally, 'refusal' | 'appId' | 'total'>> {
    for (const ofApp of this.tallies.values()) yield* ofApp.values()
  }

  private reportTally(tally: Tally, nowMs: number): void {
    const { refusal, appId, unreported: count, about, reportedAtMs } = tally
    const seconds = reportedAtMs === Number.NEGATIVE_INFINITY ? 0 : Math.round((nowMs - reportedAtMs) / 1000)
    tally.unreported = 0
    tally.about = ''
    tally.reportedAtMs = nowMs
    this.unreported.delete(tally)
    this.report({ refusal, appId, count, seconds, about })
  }

  /** Beyond the limit, refusals of an app count as those without one: of these there are as many counters as kinds. */
  private tallyOf(refusal: Refusal, appId: string | undefined): Tally {
    const found = this.tallies.get(appId)?.get(refusal)
    if (found !== undefined) return found
    if (appId !== undefined && this.size >= this.limit) return this.tallyOf(refusal, undefined)
    const tally: Tally = { refusal, appId, total: 0, unreported: 0, about: '', reportedAtMs: Number.NEGATIVE_INFINITY }
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
