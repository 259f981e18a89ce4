/** Throughput and latency against load, as an SVG that is readable in light and dark. */
import type { Entry, Results, ScenarioResult, Who } from './results.ts'
import { median } from './statistics.ts'

type Point = { readonly x: number; readonly y: number }
type Series = Who & { readonly points: readonly Point[] }
type Axis = { readonly from: number; readonly to: number; readonly ticks: readonly number[] }

const width = 860
const height = 340
/** Of a panel's drawing area. */
const panel = { width: 340, height: 220, top: 46 }
const lefts = [64, 500]

const colours = ['#d9480f', '#2b8a3e', '#1971c2', '#9c36b5', '#868e96']
const style = `text{font:12px system-ui,sans-serif;fill:#212529}.title{font-weight:600;font-size:13px}.grid{stroke:#dee2e6}.line{fill:none;stroke-width:2}@media(prefers-color-scheme:dark){text{fill:#e9ecef}.grid{stroke:#495057}}`

/** @returns undefined when there is nothing to show */
export function plot({ scenarios }: Results): string | undefined {
  const latency = scenarios.find(({ id }) => id === 'latency')
  if (latency === undefined || latency.lines.length === 0) return undefined
  const throughput = seriesOf(latency, throughputOf)
  const p99 = seriesOf(latency, ({ percentiles }) => percentiles?.p99)
  const parts = [
    panelOf(lefts[0]!, 'Deliveries a second', throughput),
    panelOf(lefts[1]!, 'p99 latency, ms', p99),
    legend(throughput),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Throughput and latency against load"><style>${style}</style>${parts.join('')}</svg>\n`
}

function seriesOf({ contestants, lines }: ScenarioResult, of: (entry: Entry) => number | undefined): Series[] {
  return contestants.map(({ id, name }) => ({
    id,
    name,
    points: lines.flatMap(({ cell, entries }) => {
      const y = of(entries[id]!)
      return y === undefined ? [] : [{ x: Number(cell['events/s']), y }]
    }),
  }))
}

/** Also at a rate that the server could not keep up with. */
function throughputOf({ samples }: Entry): number | undefined {
  const values = samples.flatMap(({ details }) => details?.deliveriesPerSecond ?? [])
  return values.length === 0 ? undefined : median(values)
}

function panelOf(left: number, title: string, series: readonly Series[]): string {
  const points = series.flatMap(({ points }) => points)
  const x = logAxis(points.map(({ x }) => x))
  const y = logAxis(points.map(({ y }) => y))
  const across = (value: number) => round(left + place(x, value) * panel.width)
  const up = (value: number) => round(panel.top + (1 - place(y, value)) * panel.height)
  const bottom = panel.top + panel.height
  const horizontal = y.ticks.map(
    tick =>
      `<line class="grid" x1="${left}" x2="${left + panel.width}" y1="${up(tick)}" y2="${up(tick)}"/><text x="${left - 6}" y="${up(tick) + 4}" text-anchor="end">${short(tick)}</text>`,
  )
  const vertical = x.ticks.map(
    tick =>
      `<line class="grid" x1="${across(tick)}" x2="${across(tick)}" y1="${panel.top}" y2="${bottom}"/><text x="${across(tick)}" y="${bottom + 17}" text-anchor="middle">${short(tick)}</text>`,
  )
  const lines = series.map(({ points }, i) => drawn(points, colours[i % colours.length]!, across, up))
  const head = `<text class="title" x="${left}" y="${panel.top - 14}">${title}</text><text x="${left + panel.width}" y="${bottom + 34}" text-anchor="end">events a second, to 100 subscribers</text>`
  return [head, ...horizontal, ...vertical, ...lines].join('')
}

function drawn(points: readonly Point[], colour: string, across: (x: number) => number, up: (y: number) => number): string {
  const path = points.map(({ x, y }) => `${across(x)},${up(y)}`).join(' ')
  const dots = points.map(({ x, y }) => `<circle cx="${across(x)}" cy="${up(y)}" r="3" fill="${colour}"/>`)
  return `<polyline class="line" stroke="${colour}" points="${path}"/>${dots.join('')}`
}

function legend(series: readonly Series[]): string {
  return series
    .map(({ name }, i) => {
      const x = lefts[0]! + i * 180
      return `<rect x="${x}" y="${height - 20}" width="12" height="12" fill="${colours[i % colours.length]}"/><text x="${x + 18}" y="${height - 10}">${name}</text>`
    })
    .join('')
}

/** From the power of ten, or its double or half, below the smallest value to the one above the largest. */
export function logAxis(values: readonly number[]): Axis {
  const steps = Array.from({ length: 36 }, (_, i) => [1, 2, 5][i % 3]! * 10 ** (Math.floor(i / 3) - 3))
  const from = steps.findLast(step => step <= Math.min(...values)) ?? steps[0]!
  const to = steps.find(step => step >= Math.max(...values) && step > from) ?? steps.at(-1)!
  const within = steps.filter(step => step >= from && step <= to)
  return { from, to, ticks: within.length <= 8 ? within : within.filter(step => /^1(\.?0*)?$|^0\.0*1$/.test(String(step))) }
}

function place({ from, to }: Axis, value: number): number {
  return Math.log(value / from) / Math.log(to / from)
}

function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`
  return value >= 1000 ? `${value / 1000}k` : String(Number(value.toPrecision(2)))
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
