/** Formats numbers, durations and tables. */
import type { Estimate } from './statistics.ts'

/** At least three significant digits. */
export function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(value >= 10 ? 1 : 2)
}

/** The mean, and in brackets its confidence interval. */
export function withInterval({ mean, interval }: Estimate): string {
  return interval === undefined ? mean.toFixed(2) : `${mean.toFixed(2)} (${interval.from.toFixed(2)}–${interval.to.toFixed(2)})`
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (workloads: readonly string[]) => `| ${workloads.join(' | ')} |`
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}
