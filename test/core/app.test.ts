import { expect, test } from 'bun:test'
import { appsOf } from '../../src/core/app.ts'
import { testApp } from '../support/apps.ts'

test('apps are found by id among ids, and by key among keys', () => {
  const one = testApp({ id: '1', key: '2' })
  const two = testApp({ id: '2', key: '1' })
  const apps = appsOf([one, two])
  expect(apps.byId.get('1')).toBe(one)
  expect(apps.byId.get('2')).toBe(two)
  expect(apps.byKey.get('1')).toBe(two)
  expect(apps.byKey.get('2')).toBe(one)
  expect(apps.byId.get('01')).toBeUndefined()
  expect(apps.byKey.get('')).toBeUndefined()
})
