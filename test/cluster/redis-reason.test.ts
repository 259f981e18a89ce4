import { describe, expect, test } from 'bun:test'
import { ErrorExplainer } from '../../src/cluster/redis-reason.ts'

describe('the explanation of an error of Redis', () => {
  test.each([
    ['self signed certificate in certificate chain', 'cafile', 'REVURB_REDIS_CAFILE'],
    ['self-signed certificate', 'cafile', 'REVURB_REDIS_CAFILE'],
    ['unable to get local issuer certificate', 'cafile', 'REVURB_REDIS_CAFILE'],
    ['unable to verify the first certificate', 'cafile', 'REVURB_REDIS_CAFILE'],
    ["Hostname/IP does not match certificate's altnames: Host: r. is not in …", 'peer_name', 'REVURB_REDIS_PEER_NAME'],
    ['error:1000045c:SSL routines:OPENSSL_internal:TLSV1_ALERT_CERTIFICATE_REQUIRED', 'local_cert', 'REVURB_REDIS_CERT'],
    ['error:10000410:SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE', 'local_cert', 'REVURB_REDIS_CERT'],
    ['error:10000418:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA', 'local_cert', 'REVURB_REDIS_CERT'],
  ])('%s names the setting %s and the variable %s', (message, setting, variable) => {
    const explained = new ErrorExplainer().explain(new Error(message))
    expect(explained).toStartWith(`${message} (`)
    expect(explained).toContain(`${setting}, for scaling ${variable}`)
  })

  test.each(['connect ECONNREFUSED 127.0.0.1:6379', 'WRONGPASS invalid username-password pair', ''])(
    'leaves %p as it is',
    message => expect(new ErrorExplainer().explain(new Error(message))).toBe(message),
  )
})

describe('the explanation of an error of several hosts', () => {
  const sentinels = (cause: string) =>
    new Error(`All sentinels are unreachable. Retrying from scratch after 94.77ms. Last error: ${cause}`)
  const cluster = (cause: string) =>
    Object.assign(new Error('Failed to refresh slots cache.'), { lastNodeError: new Error(cause) })
  const closed = 'Connection is closed.'

  test.each([
    ['All sentinels are unreachable', sentinels],
    ['Failed to refresh slots cache', cluster],
  ])('%s: names the error of the last host', (summary, errorOf) => {
    const explainer = new ErrorExplainer()
    expect(explainer.explain(errorOf(closed))).toBe(errorOf(closed).message)
    explainer.record(new Error('connect ECONNREFUSED 10.0.0.1:6379'))
    explainer.record(new Error('connect ECONNREFUSED 10.0.0.2:6379'))
    expect(explainer.explain(errorOf(closed))).toBe(`${summary}: connect ECONNREFUSED 10.0.0.2:6379`)
    expect(explainer.explain(errorOf('NOAUTH Authentication required.'))).toBe(`${summary}: NOAUTH Authentication required.`)
    explainer.record(new Error('self signed certificate'))
    expect(explainer.explain(errorOf(closed))).toStartWith(`${summary}: self signed certificate (its certificate is of a CA`)
  })

  test('keeps the error of the server that sentinels have named', () => {
    const explainer = new ErrorExplainer()
    expect(explainer.explain(new Error('WRONGPASS'))).toBe('WRONGPASS')
    const next = new Error('All sentinels are unreachable. Retrying from scratch after 94.77ms.')
    expect(explainer.explain(next)).toBe('All sentinels are unreachable: WRONGPASS')
  })
})
