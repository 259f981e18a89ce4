import { describe, expect, test } from 'bun:test'
import { footprintOf, growth, type Measurement, medianFootprint } from './footprint.ts'

const measured = (connections: number, kib: number, descriptors: number): Measurement => ({
  connections,
  supervisor: { kib: 50_000, descriptors: 8 },
  server: { kib, descriptors },
})

describe('growth of the footprint', () => {
  test('within the percentage is not reported', () => {
    expect(growth(measured(1, 100_000, 10), measured(9, 110_000, 11), 10)).toEqual([])
  })

  test('is not reported when the second measurement is smaller', () => {
    expect(growth(measured(1, 100_000, 10), measured(9, 50_000, 5), 0)).toEqual([])
  })

  test('beyond the percentage is reported for memory and descriptors, with the process', () => {
    expect(growth(measured(1, 100_000, 10), measured(9, 110_001, 12), 10)).toEqual([
      'The server has 110001 KiB of resident memory after 9 connections; it had 100000 after 1.',
      'The server has 12 descriptors after 9 connections; it had 10 after 1.',
    ])
  })
})

test('a measurement is the median of its samples, so that one peak does not count', () => {
  const samples = [3, 1, 900].map(value => ({ kib: value, descriptors: value + 1 }))
  expect(medianFootprint(samples)).toEqual({ kib: 3, descriptors: 4 })
})

test('the footprint of a process is read from /proc', () => {
  const { kib, descriptors } = footprintOf(process.pid)
  expect(kib).toBeGreaterThan(10_000)
  expect(descriptors).toBeGreaterThan(3)
})
