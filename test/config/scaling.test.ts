import { describe, expect, test } from 'bun:test'
import { Fields, Report } from '../../src/config/decode.ts'
import { scaling } from '../../src/config/scaling.ts'

const decode = (given: object) => {
  const report = new Report()
  const decoded = scaling(Fields.of({ enabled: true, secret: 's', ...given }, 'scaling', report))
  expect(report.faults).toEqual([])
  return decoded
}
const stock = {
  kind: 'single' as const,
  hosts: [{ host: '127.0.0.1', port: 6379 }],
  masterName: 'mymaster',
  username: null,
  password: null,
  sentinelPassword: null,
  database: 0,
  tls: false,
  connectTimeoutMs: 60_000,
}

describe('scaling', () => {
  test('is none unless it is enabled, whatever else is said', () => {
    expect(decode({ enabled: false, server: 5 })).toBeNull()
    expect(decode({ enabled: undefined })).toBeNull()
  })

  test('has every default', () => {
    expect(decode({})).toEqual({ channel: 'revurb:reverb', key: 's', redis: stock })
  })

  test('over one Redis', () => {
    const server = { host: 'r', port: '7', username: 'u', password: 'p', database: '3', timeout: 5, tls: true }
    expect(decode({ channel: 'c', server })).toEqual({
      channel: 'revurb:c',
      key: 's',
      redis: {
        ...stock,
        hosts: [{ host: 'r', port: 7 }],
        username: 'u',
        password: 'p',
        database: 3,
        tls: true,
        connectTimeoutMs: 5000,
      },
    })
  })

  test('over sentinels', () => {
    const server = { sentinels: [{ host: 'a' }, { host: 'b', port: 26379 }], master: 'm', sentinel_password: 'sp' }
    expect(decode({ server })!.redis).toEqual({
      ...stock,
      kind: 'sentinels',
      hosts: [
        { host: 'a', port: 6379 },
        { host: 'b', port: 26379 },
      ],
      masterName: 'm',
      sentinelPassword: 'sp',
    })
  })

  test('over a cluster', () => {
    expect(decode({ server: { cluster: [{ host: 'a', port: 1 }] } })!.redis).toEqual({
      ...stock,
      kind: 'cluster',
      hosts: [{ host: 'a', port: 1 }],
    })
  })
})
