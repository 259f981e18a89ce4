import { describe, expect, test } from 'bun:test'
import { decodeDocument } from '../../src/config/bridge.ts'
import { publicUrl } from '../../src/config/public-url.ts'

describe('the address from outside', () => {
  test.each<[object, string]>([
    [{ host: 'ws.example', port: 443, scheme: 'https', useTLS: true }, 'https://ws.example'],
    [{ host: 'ws.example', port: '443', scheme: 'https' }, 'https://ws.example'],
    [{ host: 'ws.example', port: 8080, scheme: 'http', useTLS: false }, 'http://ws.example:8080'],
    [{ host: 'ws.example', port: 80, scheme: 'http' }, 'http://ws.example'],
    [{ host: 'ws.example', port: 80, scheme: 'https' }, 'https://ws.example:80'],
    [{ host: 'ws.example', useTLS: 'true' }, 'https://ws.example'],
    [{ host: 'ws.example', useTLS: 'false', port: null }, 'http://ws.example'],
    [{ host: '', port: 6001 }, 'http://own.example:6001'],
    [{}, 'http://own.example'],
  ])('%j is %s', (options, url) => expect(publicUrl({ options }, 'own.example', '')).toBe(url))

  test('has the prefix of the server', () => {
    expect(publicUrl({ options: { host: 'ws.example', scheme: 'https' } }, undefined, '/ws')).toBe('https://ws.example/ws')
  })

  test.each([[{}], [null], [{ options: [] }], [{ options: 'x' }], [{ options: { host: 5 } }]])('is unknown from %j', app => {
    expect(publicUrl(app, undefined, '')).toBeUndefined()
  })
})

test('the addresses of several apps are listed once each', () => {
  const apps = ['a.example', 'b.example', 'a.example'].map((host, i) => ({
    app_id: i,
    key: `k${i}`,
    secret: 's',
    options: { host, scheme: 'https' },
  }))
  const { config, warnings } = decodeDocument(JSON.stringify({ version: 1, apps }))
  expect(config.publicUrls).toEqual(['https://a.example', 'https://b.example'])
  expect(warnings).toEqual([])
})
