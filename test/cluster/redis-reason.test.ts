import { describe, expect, test } from 'bun:test'
import { Redis, type RedisOptions } from 'ioredis'
import { ErrorExplainer, forwardErrors, sentinelConnector } from '../../src/cluster/redis-reason.ts'

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

describe('the errors of single connections, which the client does not name', () => {
  test('a connector for Sentinel passes on those of its connections to the sentinels', () => {
    const messages: string[] = []
    const Connector = sentinelConnector(({ message }) => messages.push(message))
    type Connects = new (options: RedisOptions) => { connectToSentinel(host: object, options: RedisOptions): Redis }
    const connector = new (Connector as unknown as Connects)({ sentinels: [{}], name: 'mymaster', sentinelPassword: 'secret' })
    const sentinel = connector.connectToSentinel({ host: '10.0.0.1', port: 26379 }, { lazyConnect: true })
    expect(sentinel.options).toMatchObject({ host: '10.0.0.1', port: 26379, password: 'secret' })
    sentinel.emit('error', new Error('connect ECONNREFUSED 10.0.0.1:26379'))
    expect(messages).toEqual(['connect ECONNREFUSED 10.0.0.1:26379'])
  })

  test('a server of a cluster passes on those of the connections on which it is asked for the others', () => {
    const messages: string[] = []
    const node = new Redis({ lazyConnect: true, host: '10.0.0.1' })
    forwardErrors(node, ({ message }) => messages.push(message))
    const asked = node.duplicate({ connectionName: 'slots' })
    expect(asked.options).toMatchObject({ host: '10.0.0.1', connectionName: 'slots' })
    asked.emit('error', new Error('connect ECONNREFUSED 10.0.0.1:6379'))
    expect(messages).toEqual(['connect ECONNREFUSED 10.0.0.1:6379'])
  })
})
