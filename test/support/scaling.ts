/** Decodes the scaling part of a document. */
import { expect } from 'bun:test'
import { Fields, Report } from '../../src/config/decode.ts'
import { scaling } from '../../src/config/scaling.ts'

/** Decodes settings that have no fault, with scaling enabled and a secret unless they say otherwise. */
export const decodeScaling = (given: object) => {
  const report = new Report()
  const decoded = scaling(Fields.of({ enabled: true, secret: 's', ...given }, 'scaling', report))
  expect(report.faults).toEqual([])
  return decoded
}

/** The Redis of a document that names none. */
export const stockRedis = {
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
