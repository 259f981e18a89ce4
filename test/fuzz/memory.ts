/** Decides whether memory grows: the first third of the run warms up, then the last samples are compared with the first ones. */

export type Sample = { readonly seconds: number; readonly kib: number }

const slackKib = 16 * 1024

export class Memory {
  private readonly samples: Sample[] = []

  add(seconds: number, kib: number): void {
    this.samples.push({ seconds, kib })
  }

  /** @param seconds of the whole run */
  report(seconds: number): { first: number; last: number; kibPerMinute: number; grows: boolean } {
    const warm = this.samples.filter(sample => sample.seconds >= seconds / 3)
    const third = Math.max(1, Math.floor(warm.length / 3))
    const first = median(warm.slice(0, third))
    const last = median(warm.slice(-third))
    return { first, last, kibPerMinute: Math.round(slope(warm) * 60), grows: last > first * 1.25 + slackKib }
  }
}

function median(samples: readonly Sample[]): number {
  const sorted = samples.map(({ kib }) => kib).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

/** The slope of the straight line that fits the samples best, in KiB per second. */
function slope(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
  const x = mean(samples.map(({ seconds }) => seconds))
  const y = mean(samples.map(({ kib }) => kib))
  const above = samples.reduce((sum, { seconds, kib }) => sum + (seconds - x) * (kib - y), 0)
  const below = samples.reduce((sum, { seconds }) => sum + (seconds - x) ** 2, 0)
  return below === 0 ? 0 : above / below
}
