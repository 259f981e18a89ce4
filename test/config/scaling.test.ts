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
  tls: null,
  connectTimeoutMs: 60_000,
}

describe('scaling', () => {
  test('is off unless it is enabled, whatever its other settings', () => {
    expect(decode({ enabled: false, server: 5 })).toBeNull()
    expect(decode({ enabled: undefined })).toBeNull()
  })

  test('has a default for each setting but the secret', () => {
    expect(decode({})).toEqual({ channel: 'revurb:reverb', key: 's', redis: stock })
  })
})
