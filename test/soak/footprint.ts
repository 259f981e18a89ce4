/** What a process holds: memory and descriptors, from /proc; and whether they have grown between two measurements. */
import { readdirSync } from 'node:fs'
import { rssBytes } from 'revurb-bench/machine/process.ts'
import { median } from 'revurb-bench/report/statistics.ts'

/** What one process holds at one moment. */
export type Footprint = {
  /** Resident memory in KiB. */
  readonly kib: number
  readonly descriptors: number
}

/** The footprints of the supervisor (PHP) and of the server (Bun). */
export type Measurement = {
  /** Connections that were closed before. */
  readonly connections: number
  readonly supervisor: Footprint
  readonly server: Footprint
}

/** @throws when there is no such process */
export function footprintOf(pid: number): Footprint {
  return { kib: rssBytes(pid) / 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length }
}

/** The medians of several measurements of a process. Resident memory moves by some MiB with the garbage collector's cycles. */
export function medianFootprint(samples: readonly Footprint[]): Footprint {
  return { kib: median(samples.map(({ kib }) => kib)), descriptors: median(samples.map(({ descriptors }) => descriptors)) }
}

/** One sentence for everything that has grown by more than `percent` from the first to the last measurement. */
export function growth(first: Measurement, last: Measurement, percent: number): string[] {
  const found: string[] = []
  for (const process of ['supervisor', 'server'] as const) {
    for (const what of ['kib', 'descriptors'] as const) {
      const [before, after] = [first[process][what], last[process][what]]
      const name = what === 'kib' ? 'KiB of resident memory' : 'descriptors'
      if (after > before * (1 + percent / 100))
        found.push(
          `The ${process} has ${after} ${name} after ${last.connections} connections; it had ${before} after ${first.connections}.`,
        )
    }
  }
  return found
}
