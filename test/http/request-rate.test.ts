import { expect, test } from 'bun:test'
import { RequestRates } from '../../src/http/request-rate.ts'
import { testApp } from '../support/apps.ts'

test('windows that have ended are removed, also those of apps that send no more requests, or were removed', () => {
  const rates = new RequestRates()
  const appOf = (id: number) => testApp({ id: `${id}`, requestRate: { maxAttempts: 2, decaySeconds: 10 } })
  for (let id = 0; id < 100; id++) rates.count(appOf(id), 0)
  rates.count(appOf(100), 9_999)
  expect(rates.size).toBe(101)
  rates.count(appOf(101), 11_000)
  expect(rates.size).toBe(2)
  rates.count(appOf(100), 11_000)
  expect(() => rates.count(appOf(100), 11_000)).toThrow('Too many requests: the limit is 2 in 10 seconds')
})
