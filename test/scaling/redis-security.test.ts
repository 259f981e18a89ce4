/** Redis with certificates of a CA of its own, passwords and users: servers connect over it, or log why they do not. */
import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Redis from 'ioredis'
import { Authority } from '../support/authority.ts'
import { Certificate } from '../support/certificate.ts'
import { run } from '../support/child-process.ts'
import { Command, document } from '../support/command.ts'
import { withoutRedisServer } from '../support/redis-process.ts'
import { cannotRun, missingProgram } from '../support/requirements.ts'
import { until } from '../support/until.ts'
import { Fleet } from './support/fleet.ts'
import { Node } from './support/node.ts'
import { tooSlow, withoutRedisCli } from './support/redis-cluster.ts'
import { startSecuredRedis } from './support/secured-redis.ts'
import { masterName } from './support/sentinels.ts'

setDefaultTimeout(180_000)

const isSkipped = cannotRun('secured', withoutRedisServer || withoutRedisCli || missingProgram('openssl', 'openssl'))
const authority = isSkipped ? undefined! : new Authority()
const otherCa = isSkipped ? undefined! : new Certificate()
afterAll(() => {
  authority?.[Symbol.dispose]()
  otherCa?.[Symbol.dispose]()
})

const cafile = authority?.caFile
const certificate = authority?.issue('IP:127.0.0.1')
const ours = authority?.issue('DNS:revurb', 'open sesame')
const client = { local_cert: ours?.certFile, local_pk: ours?.keyFile, passphrase: 'open sesame' }

const untrusted =
  'self signed certificate in certificate chain (its certificate is of a CA that is not trusted: name the CA in cafile, for scaling REVURB_REDIS_CAFILE)'

/** The permissions that docs/scaling.md lists, for the channel of these tests, and those that a cluster needs beside them. */
const page = readFileSync(join(import.meta.dir, '../../docs/scaling.md'), 'utf8')
const rights = /^ACL SETUSER chat on >\S+ (.+)$/m.exec(page)![1]!.replace(/&\S+/, '&revurb:tests').split(' ')
const rightsOfCluster = /also needs `(\+cluster[^`]*)`/.exec(page)![1]!.split(' ')

const withCertificate = () => startSecuredRedis({ authority, certificate })

/** Expects that an event of one of two servers is delivered on the other. */
async function connects(redis: object): Promise<void> {
  await using fleet = await Fleet.started({ redis, count: 2 })
  const [here, there] = fleet.nodes
  const recorder = await fleet.subscribe(here!, 'news')
  await there!.publish('news', 'event', 'safely')
  expect(await recorder.waitFor('event')).toBe('safely')
  for (const node of fleet.nodes) expect(node.reasons.filter(reason => reason !== tooSlow)).toEqual([])
}

/** The reason that a server logs for not being connected, and its log. */
async function failure(server: object): Promise<{ reason: string; log: string }> {
  await using node = await Node.started({ secret: 's', channel: 'x', server })
  await until('the server logs the reason', () => node.reasons.length > 0)
  expect(await node.isDegraded()).toBe(true)
  expect(node.unexpectedLines).toEqual([])
  return { reason: node.reasons[0]!, log: node.log }
}

describe.skipIf(isSkipped)('Redis with a certificate of a private CA', () => {
  test.concurrent('is trusted where cafile names the CA', async () => {
    await using redis = await withCertificate()
    await connects({ ...redis.address, tls: { cafile } })
  })

  test.concurrent('is not trusted without cafile or with another CA, and the log names the setting', async () => {
    await using redis = await withCertificate()
    for (const tls of [true, { cafile: otherCa.certFile }]) {
      expect((await failure({ ...redis.address, tls })).reason).toBe(untrusted)
    }
  })

  test.concurrent('is trusted without cafile where verify_peer is off', async () => {
    await using redis = await withCertificate()
    await connects({ ...redis.address, tls: { verify_peer: false, verify_peer_name: false } })
  })

  test.concurrent('for another host is trusted with peer_name, or where verify_peer_name is off', async () => {
    await using redis = await startSecuredRedis({ authority, certificate: authority.issue('DNS:redis.internal') })
    const failed = await failure({ ...redis.address, tls: { cafile } })
    expect(failed.reason).toStartWith("Hostname/IP does not match certificate's altnames: IP: 127.0.0.1")
    expect(failed.reason).toEndWith('set peer_name, for scaling REVURB_REDIS_PEER_NAME, to a name in the certificate)')
    await connects({ ...redis.address, tls: { cafile, peer_name: 'redis.internal' } })
    await connects({ ...redis.address, tls: { cafile, verify_peer_name: false } })
    expect((await failure({ ...redis.address, tls: { verify_peer_name: false } })).reason).toBe(untrusted)
  })
})

describe.skipIf(isSkipped)('Redis that requires client certificates', () => {
  const withClientCertificates = () => startSecuredRedis({ authority, certificate, requiresClientCertificate: true })

  test.concurrent('accepts a server with one', async () => {
    await using redis = await withClientCertificates()
    await connects({ ...redis.address, tls: { cafile, ...client } })
  })

  test.concurrent('rejects a server without one, which logs that local_cert is missing', async () => {
    await using redis = await withClientCertificates()
    const failed = await failure({ ...redis.address, tls: { cafile } })
    expect(failed.reason).toContain('CERTIFICATE_REQUIRED (it asks this server for a certificate: name one in local_cert, ')
  })

  test.concurrent('rejects a server with one of another CA, which logs that the CA is not trusted', async () => {
    await using redis = await withClientCertificates()
    const tls = { cafile, local_cert: otherCa.certFile, local_pk: otherCa.keyFile }
    expect((await failure({ ...redis.address, tls })).reason).toContain('does not trust the CA of the certificate in local_cert')
  })
})

describe.skipIf(isSkipped)('Redis with a password', () => {
  const locked = () => startSecuredRedis({ authority, certificate, args: ['--requirepass', 'the-password'] })

  test.concurrent('accepts a server that has it', async () => {
    await using redis = await locked()
    await connects({ ...redis.address, password: 'the-password', tls: { cafile } })
  })

  test.concurrent('rejects a server with a wrong one or none, which logs the reason and not the password', async () => {
    await using redis = await locked()
    const { reason: wrong, log } = await failure({ ...redis.address, password: 'a-wrong-one', tls: { cafile } })
    expect(wrong).toStartWith('WRONGPASS')
    expect(log).not.toContain('a-wrong-one')
    expect((await failure({ ...redis.address, tls: { cafile } })).reason).toStartWith('NOAUTH')
  })
})

describe.skipIf(isSkipped)('Redis with users', () => {
  const users = `user default off\nuser chat on >the-password ${rights.join(' ')}`

  test.concurrent('accepts a user with the permissions that the documentation lists', async () => {
    await using redis = await startSecuredRedis({ authority, certificate, file: users })
    await connects({ ...redis.address, username: 'chat', password: 'the-password', tls: { cafile } })
  })

  test.concurrent('rejects a user that does not exist or may not subscribe to the channel, which the server logs', async () => {
    await using redis = await startSecuredRedis({ authority, certificate, file: users })
    const server = { ...redis.address, password: 'the-password', tls: { cafile } }
    expect((await failure({ ...server, username: 'unknown' })).reason).toStartWith('WRONGPASS')
    expect((await failure(server)).reason).toStartWith('WRONGPASS')
    const { reason: forbidden, log } = await failure({ ...server, username: 'chat' })
    expect(forbidden).toStartWith('NOPERM')
    expect(log).not.toContain('the-password')
  })
})

describe.skipIf(isSkipped)('servers connect with certificates and passwords', () => {
  test.concurrent('over Sentinel', async () => {
    await using redis = await startSecuredRedis({
      authority,
      certificate,
      requiresClientCertificate: true,
      args: ['--requirepass', 'the-password'],
    })
    const { host, port } = redis.address
    const file = `sentinel monitor ${masterName} ${host} ${port} 1\nsentinel auth-pass ${masterName} the-password`
    const args = ['--tls-replication', 'yes', '--sentinel']
    const readyText = '+monitor master'
    await using sentinel = await startSecuredRedis({
      authority,
      certificate,
      requiresClientCertificate: true,
      file,
      args,
      readyText,
    })
    const server = { sentinels: [sentinel.address], master: masterName, password: 'the-password' }
    await connects({ ...server, tls: { cafile, ...client } })
    expect((await failure({ ...server, tls: client })).reason).toBe(`All sentinels are unreachable: ${untrusted}`)
    const { reason: wrong } = await failure({ ...server, password: 'a-wrong-one', tls: { cafile, ...client } })
    expect(wrong).toStartWith('WRONGPASS')
  })

  test.concurrent('over Redis Cluster', async () => {
    const args = ['--cluster-enabled', 'yes', '--tls-cluster', 'yes', '--cluster-announce-ip', '127.0.0.1']
    await using redis = await startSecuredRedis({ authority, certificate, requiresClientCertificate: true, args })
    const { certFile, keyFile } = certificate
    const as = ['--tls', '--cacert', cafile, '--cert', certFile, '--key', keyFile, '-p', String(redis.address.port)]
    const call = (...words: string[]) => run(['redis-cli', ...as, ...words])
    await call('cluster', 'addslotsrange', '0', '16383')
    await until('the cluster is up', async () => (await call('cluster', 'info')).includes('cluster_state:ok'))
    await connects({ cluster: [redis.address], tls: { cafile, ...client } })
    const failed = await failure({ cluster: [redis.address], tls: client })
    expect(failed.reason).toBe(`Failed to refresh slots cache: ${untrusted}`)
    const allow = (...more: string[]) => call('acl', 'setuser', 'chat', 'on', '>the-password', ...rights, ...more)
    const asUser = { cluster: [redis.address], username: 'chat', password: 'the-password', tls: { cafile, ...client } }
    await allow()
    expect((await failure(asUser)).reason).toStartWith('Failed to refresh slots cache: NOPERM')
    await allow(...rightsOfCluster)
    await connects(asUser)
  })
})

test.skipIf(isSkipped)('the flag of reverb:restart is read over TLS with a client certificate', async () => {
  await using redis = await startSecuredRedis({ authority, certificate, requiresClientCertificate: true })
  const server = { ...redis.address, tls: { cafile, ...client } }
  await using command = await Command.started(document({ restart: { key: 'flag', server } }))
  const tls = { ca: Bun.file(cafile), cert: Bun.file(certificate.certFile), key: Bun.file(certificate.keyFile) }
  const laravel = new Redis({ ...redis.address, tls: tls as object })
  let hasEnded = false
  const ended = command.ended().finally(() => {
    hasEnded = true
  })
  let time = 0
  await until('the server has ended', async () => {
    await laravel.set('flag', ++time)
    return hasEnded
  })
  laravel.disconnect()
  expect(await ended).toMatchObject({ code: 0, stderr: '' })
})
