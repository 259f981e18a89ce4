import { describe, expect, test } from 'bun:test'
import { Fields, Report } from '../../src/config/decode.ts'
import { scaling } from '../../src/config/scaling.ts'
import { decodeScaling, stockRedis } from '../support/scaling.ts'

const verified = {
  caFile: null,
  certFile: null,
  keyFile: null,
  passphrase: null,
  verifiesPeer: true,
  verifiesName: true,
  name: null,
}

describe('the Redis of a cluster', () => {
  test('is one Redis by default', () => {
    const server = { host: 'r', port: '7', username: 'u', password: 'p', database: '3', timeout: 5, tls: true }
    expect(decodeScaling({ channel: 'c', server })).toEqual({
      channel: 'revurb:c',
      key: 's',
      redis: {
        ...stockRedis,
        hosts: [{ host: 'r', port: 7 }],
        username: 'u',
        password: 'p',
        database: 3,
        tls: verified,
        connectTimeoutMs: 5000,
      },
    })
  })

  test('can be a master behind sentinels', () => {
    const server = { sentinels: [{ host: 'a' }, { host: 'b', port: 26379 }], master: 'm', sentinel_password: 'sp' }
    expect(decodeScaling({ server })!.redis).toEqual({
      ...stockRedis,
      kind: 'sentinels',
      hosts: [
        { host: 'a', port: 6379 },
        { host: 'b', port: 26379 },
      ],
      masterName: 'm',
      sentinelPassword: 'sp',
    })
  })

  test('can be a Redis Cluster', () => {
    expect(decodeScaling({ server: { cluster: [{ host: 'a', port: 1 }] } })!.redis).toEqual({
      ...stockRedis,
      kind: 'cluster',
      hosts: [{ host: 'a', port: 1 }],
    })
  })

  test.each([
    [undefined, null],
    [null, null],
    [false, null],
    ['0', null],
    [true, verified],
    ['1', verified],
    [{}, verified],
    [{ cafile: '', local_cert: null, verify_peer: '' }, verified],
    [{ cafile: '/ca.pem' }, { ...verified, caFile: '/ca.pem' }],
    [{ local_cert: '/both.pem' }, { ...verified, certFile: '/both.pem', keyFile: '/both.pem' }],
    [
      { local_cert: '/c.pem', local_pk: '/k.pem', passphrase: 'p' },
      { ...verified, certFile: '/c.pem', keyFile: '/k.pem', passphrase: 'p' },
    ],
    [{ verify_peer: false }, { ...verified, verifiesPeer: false }],
    [
      { verify_peer_name: '0', peer_name: 'r.internal' },
      { ...verified, verifiesName: false, name: 'r.internal' },
    ],
  ])('has the TLS options %j', (tls, expected) => {
    expect(decodeScaling({ server: { tls } })!.redis.tls).toEqual(expected)
  })

  test('reports TLS options that are not supported as warnings', () => {
    const report = new Report()
    const server = { tls: { capath: '/etc/ssl', allow_self_signed: true } }
    scaling(Fields.of({ enabled: true, secret: 's', server }, 'scaling', report))
    expect(report.warnings.map(({ path }) => path)).toEqual(['scaling.server.tls.capath', 'scaling.server.tls.allow_self_signed'])
  })
})
