/** Redis with certificates of a CA of its own, passwords and users: servers hear each other over it, or say why they do not. */
import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import Redis from 'ioredis'
import { Certificate } from '../support/certificate.ts'
import { run } from '../support/child-process.ts'
import { Command, document } from '../support/command.ts'
import { withoutRedisServer } from '../support/redis-process.ts'
import { cannotRun, missingProgram } from '../support/requirements.ts'
import { until } from '../support/until.ts'
import { Authority } from './support/authority.ts'
import { Fleet } from './support/fleet.ts'
import { Node } from './support/node.ts'
import { tooSlow, withoutRedisCli } from './support/redis-cluster.ts'
import { secured } from './support/secured.ts'
import { masterName } from './support/sentinels.ts'

setDefaultTimeout(180_000)

const isSkipped = cannotRun('secured', withoutRedisServer || withoutRedisCli || missingProgram('openssl', 'openssl'))
const authority = isSkipped ? undefined! : new Authority()
const stranger = isSkipped ? undefined! : new Certificate()
afterAll(() => {
  authority?.[Symbol.dispose]()
  stranger?.[Symbol.dispose]()
})

const cafile = authority?.caFile
const certificate = authority?.issue('IP:127.0.0.1')
const ours = authority?.issue('DNS:revurb', 'open sesame')
const client = { local_cert: ours?.certFile, local_pk: ours?.keyFile, passphrase: 'open sesame' }

const untrusted =
  'self signed certificate in certificate chain (its certificate is of a CA that is not trusted: name the CA in cafile)'

/** All that the guide asks for. */
const rights = ['resetkeys', 'resetchannels', '&revurb:tests', '-@all', '+@connection', '+info', '+subscribe', '+publish']

const withCertificate = () => secured({ authority, certificate })

/** What is said on one of two servers is heard on the other. */
async function crosses(redis: object): Promise<void> {
  await using fleet = await Fleet.started({ redis, count: 2 })
  const [here, there] = fleet.nodes
  const recorder = await fleet.subscribe(here!, 'news')
  await there!.publish('news', 'told', 'safely')
  expect(await recorder.waitFor('told')).toBe('safely')
  for (const node of fleet.nodes) expect(node.reasons.filter(reason => reason !== tooSlow)).toEqual([])
}

/** Why a server does not hear others; it serves its own clients. */
async function reason(server: object): Promise<{ reason: string; said: string }> {
  await using node = await Node.started({ secret: 's', channel: 'x', server })
  await until('the server says why', () => node.reasons.length > 0)
  expect(await node.isDegraded()).toBe(true)
  expect(node.complaints).toEqual([])
  return { reason: node.reasons[0]!, said: node.log }
}

describe.skipIf(isSkipped)('Redis with a certificate of a CA of its own', () => {
  test.concurrent('is trusted where the CA is named', async () => {
    await using redis = await withCertificate()
    await crosses({ ...redis.address, tls: { cafile } })
  })

  test.concurrent('is not trusted where none is, or another, and the log says how to', async () => {
    await using redis = await withCertificate()
    for (const tls of [true, { cafile: stranger.certFile }]) {
      expect((await reason({ ...redis.address, tls })).reason).toBe(untrusted)
    }
  })

  test.concurrent('is trusted without one where nothing is verified', async () => {
    await using redis = await withCertificate()
    await crosses({ ...redis.address, tls: { verify_peer: false, verify_peer_name: false } })
  })

  test.concurrent('that names another host is trusted by that name, or by any', async () => {
    await using redis = await secured({ authority, certificate: authority.issue('DNS:redis.internal') })
    const said = await reason({ ...redis.address, tls: { cafile } })
    expect(said.reason).toStartWith("Hostname/IP does not match certificate's altnames: IP: 127.0.0.1")
    expect(said.reason).toEndWith('set peer_name to a name in the certificate)')
    await crosses({ ...redis.address, tls: { cafile, peer_name: 'redis.internal' } })
    await crosses({ ...redis.address, tls: { cafile, verify_peer_name: false } })
    expect((await reason({ ...redis.address, tls: { verify_peer_name: false } })).reason).toBe(untrusted)
  })
})

describe.skipIf(isSkipped)('Redis that asks for a certificate', () => {
  const demanding = () => secured({ authority, certificate, ofClients: true })

  test.concurrent('lets those in who have one', async () => {
    await using redis = await demanding()
    await crosses({ ...redis.address, tls: { cafile, ...client } })
  })

  test.concurrent('and who does not says that one is missing', async () => {
    await using redis = await demanding()
    const said = await reason({ ...redis.address, tls: { cafile } })
    expect(said.reason).toContain('CERTIFICATE_REQUIRED (it asks this server for a certificate: name one in local_cert)')
  })

  test.concurrent('and who has that of a stranger says that it is not trusted', async () => {
    await using redis = await demanding()
    const tls = { cafile, local_cert: stranger.certFile, local_pk: stranger.keyFile }
    expect((await reason({ ...redis.address, tls })).reason).toContain('does not trust the CA of the certificate in local_cert')
  })
})

describe.skipIf(isSkipped)('Redis with a password', () => {
  const locked = () => secured({ authority, certificate, args: ['--requirepass', 'the-password'] })

  test.concurrent('lets those in who know it', async () => {
    await using redis = await locked()
    await crosses({ ...redis.address, password: 'the-password', tls: { cafile } })
  })

  test.concurrent('and who does not says so, but not what it has tried', async () => {
    await using redis = await locked()
    const { reason: wrong, said } = await reason({ ...redis.address, password: 'a-wrong-one', tls: { cafile } })
    expect(wrong).toStartWith('WRONGPASS')
    expect(said).not.toContain('a-wrong-one')
    expect((await reason({ ...redis.address, tls: { cafile } })).reason).toStartWith('NOAUTH')
  })
})

describe.skipIf(isSkipped)('Redis with users', () => {
  const users = `user default off\nuser chat on >the-password ${rights.join(' ')}`

  test.concurrent('lets one in who may do no more than is needed', async () => {
    await using redis = await secured({ authority, certificate, file: users })
    await crosses({ ...redis.address, username: 'chat', password: 'the-password', tls: { cafile } })
  })

  test.concurrent('and who is none, or may not hear the channel, says so', async () => {
    await using redis = await secured({ authority, certificate, file: users })
    const server = { ...redis.address, password: 'the-password', tls: { cafile } }
    expect((await reason({ ...server, username: 'nobody' })).reason).toStartWith('WRONGPASS')
    expect((await reason(server)).reason).toStartWith('WRONGPASS')
    const { reason: forbidden, said } = await reason({ ...server, username: 'chat' })
    expect(forbidden).toStartWith('NOPERM')
    expect(said).not.toContain('the-password')
  })
})

describe.skipIf(isSkipped)('several Redis with certificates', () => {
  test.concurrent('sentinels', async () => {
    await using redis = await secured({ authority, certificate, ofClients: true, args: ['--requirepass', 'the-password'] })
    const { host, port } = redis.address
    const file = `sentinel monitor ${masterName} ${host} ${port} 1\nsentinel auth-pass ${masterName} the-password`
    const args = ['--tls-replication', 'yes', '--sentinel']
    const says = '+monitor master'
    await using sentinel = await secured({ authority, certificate, ofClients: true, file, args, says })
    const server = { sentinels: [sentinel.address], master: masterName, password: 'the-password' }
    await crosses({ ...server, tls: { cafile, ...client } })
    expect((await reason({ ...server, tls: client })).reason).toBe(`All sentinels are unreachable: ${untrusted}`)
    const { reason: wrong } = await reason({ ...server, password: 'a-wrong-one', tls: { cafile, ...client } })
    expect(wrong).toStartWith('WRONGPASS')
  })

  test.concurrent('a cluster', async () => {
    const args = ['--cluster-enabled', 'yes', '--tls-cluster', 'yes', '--cluster-announce-ip', '127.0.0.1']
    await using redis = await secured({ authority, certificate, ofClients: true, args })
    const { certFile, keyFile } = certificate
    const as = ['--tls', '--cacert', cafile, '--cert', certFile, '--key', keyFile, '-p', String(redis.address.port)]
    const ask = (...question: string[]) => run(['redis-cli', ...as, ...question])
    await ask('cluster', 'addslotsrange', '0', '16383')
    await until('the cluster is whole', async () => (await ask('cluster', 'info')).includes('cluster_state:ok'))
    await crosses({ cluster: [redis.address], tls: { cafile, ...client } })
    const said = await reason({ cluster: [redis.address], tls: client })
    expect(said.reason).toBe(`Failed to refresh slots cache: ${untrusted}`)
    const allow = (...more: string[]) => ask('acl', 'setuser', 'chat', 'on', '>the-password', ...rights, ...more)
    const asUser = { cluster: [redis.address], username: 'chat', password: 'the-password', tls: { cafile, ...client } }
    await allow()
    expect((await reason(asUser)).reason).toStartWith('Failed to refresh slots cache: NOPERM')
    await allow('+cluster|slots', '+cluster|info')
    await crosses(asUser)
  })
})

test.skipIf(isSkipped)('the flag of reverb:restart is read there too', async () => {
  await using redis = await secured({ authority, certificate, ofClients: true })
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
