import { describe, expect, test } from 'bun:test'
import { Reasons } from '../../src/cluster/redis-reason.ts'

describe('what is said of Redis', () => {
  test.each([
    ['self signed certificate in certificate chain', 'cafile'],
    ['self-signed certificate', 'cafile'],
    ['unable to get local issuer certificate', 'cafile'],
    ['unable to verify the first certificate', 'cafile'],
    ["Hostname/IP does not match certificate's altnames: Host: r. is not in …", 'peer_name'],
    ['error:1000045c:SSL routines:OPENSSL_internal:TLSV1_ALERT_CERTIFICATE_REQUIRED', 'local_cert'],
    ['error:10000410:SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE', 'local_cert'],
    ['error:10000418:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA', 'local_cert'],
  ])('%s: names %s', (message, setting) => {
    const said = new Reasons().of(new Error(message))
    expect(said).toStartWith(`${message} (`)
    expect(said).toContain(setting)
  })

  test.each(['connect ECONNREFUSED 127.0.0.1:6379', 'WRONGPASS invalid username-password pair', ''])(
    '%p is left as it is',
    message => expect(new Reasons().of(new Error(message))).toBe(message),
  )
})

describe('of several hosts none of which answers', () => {
  const sentinels = (cause: string) =>
    new Error(`All sentinels are unreachable. Retrying from scratch after 94.77ms. Last error: ${cause}`)
  const cluster = (cause: string) =>
    Object.assign(new Error('Failed to refresh slots cache.'), { lastNodeError: new Error(cause) })
  const closed = 'Connection is closed.'

  test.each([
    ['All sentinels are unreachable', sentinels],
    ['Failed to refresh slots cache', cluster],
  ])('%s', (said, errorOf) => {
    const reasons = new Reasons()
    expect(reasons.of(errorOf(closed))).toBe(errorOf(closed).message)
    reasons.note(new Error('connect ECONNREFUSED 10.0.0.1:6379'))
    reasons.note(new Error('connect ECONNREFUSED 10.0.0.2:6379'))
    expect(reasons.of(errorOf(closed))).toBe(`${said}: connect ECONNREFUSED 10.0.0.2:6379`)
    expect(reasons.of(errorOf('NOAUTH Authentication required.'))).toBe(`${said}: NOAUTH Authentication required.`)
    reasons.note(new Error('self signed certificate'))
    expect(reasons.of(errorOf(closed))).toStartWith(`${said}: self signed certificate (its certificate is of a CA`)
  })

  test('what became of the server that sentinels named is not forgotten', () => {
    const reasons = new Reasons()
    expect(reasons.of(new Error('WRONGPASS'))).toBe('WRONGPASS')
    const next = new Error('All sentinels are unreachable. Retrying from scratch after 94.77ms.')
    expect(reasons.of(next)).toBe('All sentinels are unreachable: WRONGPASS')
  })
})
