import { describe, expect, test } from 'bun:test'
import { floodResult, round } from '../support/results.ts'
import { report } from './table.ts'

const lineOf = (text: string, start: string) => text.split('\n').filter(line => line.startsWith(start))

describe('the report of the attack', () => {
  test('has medians of p50 and p99 without and with the flood, and their ratio', () => {
    const text = report({
      floods: [floodResult({ rounds: [round(), round({ pingMs: 4 }), round({ pingMs: 6 })] })],
      peaks: [],
      scenarios: [],
    })
    expect(lineOf(text, '| text')[0]).toBe(
      '| text `x` | 1.00 / 2.00 | 2.00 / 4.00 | 2.00 | 1.50 / 3.00 | 1.50 / 3.00 | 1.00 | probably held |',
    )
  })

  test('names a goal that is missed, with its interval', () => {
    const text = report({
      floods: [floodResult({ rounds: [1800, 2000, 2200].map(pingMs => round({ pingMs })) })],
      peaks: [],
      scenarios: [],
    })
    expect(lineOf(text, '| text')[0]).toEndWith('| **missed** |')
    expect(text).toMatch(
      /^- text `x`: ping p99, ms: 1993\.31 \(\d+\.\d\d–\d+\.\d\d\), wanted ≤ 50: missed; rounds: 1,800, 2,000, 2,200$/m,
    )
  })

  test('has the bytes sent, the closes, the responses and the memory of the server', () => {
    const outcome = {
      bytesSent: 2_500_000,
      bytesReceived: 1_250_000,
      connections: 12,
      failedConnections: 0,
      closes: { '4100': 11 },
      statuses: { '101': 12 },
    }
    const text = report({ floods: [floodResult({ rounds: [{ ...round(), outcome }] })], peaks: [], scenarios: [] })
    expect(lineOf(text, '| text')[1]).toBe('| text `x` | 2.50 | 1.25 | 0.50 | 12 | 4100 × 11 | 101 × 12 | 50.0 / 60.0 |')
  })

  test('gives the reason why a flood has no figures', () => {
    const text = report({ floods: [floodResult({ failed: 'it has ended: out of memory' })], peaks: [], scenarios: [] })
    expect(lineOf(text, '| text')[0]).toEndWith('| **missed** |')
    expect(text).toContain('- text `x`: it has ended: out of memory')
  })

  test('has each peak, and what of it was limited', () => {
    const peak = { id: 'publishes', title: '500 publishes a second' }
    const text = report({
      floods: [],
      peaks: [
        { ...peak, faults: [] },
        { ...peak, faults: ['a publish was answered with 429'] },
      ],
      scenarios: [],
    })
    expect(lineOf(text, '| 500')).toEqual([
      '| 500 publishes a second | untouched |',
      '| 500 publishes a second | **a publish was answered with 429** |',
    ])
  })
})
