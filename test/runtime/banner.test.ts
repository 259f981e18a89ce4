import { describe, expect, test } from 'bun:test'
import type { Config } from '../../src/config/config.ts'
import { banner, type Running } from '../../src/runtime/banner.ts'
import { testApp, testConfig } from '../support/apps.ts'

function lines(config: Partial<Config> = {}, running: Partial<Running> = {}) {
  const facts = { version: '1.2.3', bun: '1.4.5', pid: 4711, descriptors: { limit: 1024, sockets: 896 }, ...running }
  return new Map(banner(testConfig(config), facts))
}

test('the banner names versions, public URLs, apps, open files and limits, and the doctor for when something does not work', () => {
  expect([...lines({ publicUrls: ['https://ws.example'] })]).toEqual([
    ['banner-versions', 'Revurb 1.2.3 on Bun 1.4.5, process 4711'],
    ['banner-public-url', 'Public URL: https://ws.example'],
    ['banner-apps', 'App 1001'],
    ['banner-open-files', 'Open files: limit 1024, with room for 896 connections (ulimit -n)'],
    ['banner-limits', 'Limits of app 1001: max_message_size 10000, watchlist_users 100'],
    ['banner-doctor', expect.stringContaining('php artisan reverb:doctor')],
  ])
})

describe('the banner', () => {
  test('counts apps, and names five', () => {
    const apps = (count: number) => Array.from({ length: count }, (_, i) => testApp({ id: `${i + 1}`, key: `k${i}` }))
    expect(lines({ apps: apps(2) }).get('banner-apps')).toBe('2 apps: 1, 2')
    expect(lines({ apps: apps(7) }).get('banner-apps')).toBe('7 apps: 1, 2, 3, 4, 5 and 2 more')
  })

  test('names the setting of the public URL where it is unknown', () => {
    expect(lines().get('banner-public-url')).toContain('REVERB_HOST, REVERB_PORT, REVERB_SCHEME')
  })

  test('reports that there is no limit of open files where there is none', () => {
    const none = { limit: Number.POSITIVE_INFINITY, sockets: Number.POSITIVE_INFINITY }
    expect(lines({}, { descriptors: none }).get('banner-open-files')).toBe('Open files: no limit')
  })

  test('holds no secret', () => {
    expect(JSON.stringify([...lines()])).not.toContain('app-secret')
    expect(JSON.stringify([...lines()])).not.toContain('app-key')
  })

  test('escapes control characters of ids', () => {
    expect(lines({ apps: [testApp({ id: 'a\x1b[2J' })] }).get('banner-apps')).toBe('App a\\x1b[2J')
  })
})
