/** Figures as people read them. */
import { range, type Summary } from './statistics.ts'

/** Three digits, or all before the point. */
export function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(value >= 10 ? 1 : 2)
}

/** The median, and in brackets where that of another run is to be expected. */
export function spread(summary: Summary): string {
  const median = summary.median.toFixed(2)
  if (summary.factor === undefined) return median
  const { from, to } = range(summary)
  return `${median} (${from.toFixed(2)}–${to.toFixed(2)})`
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}
