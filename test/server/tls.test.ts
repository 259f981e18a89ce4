import { afterAll, describe, expect, test } from 'bun:test'
import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RedisServer, RedisTlsFiles, Tls } from '../../src/config/config.ts'
import { sentence } from '../../src/config/places.ts'
import { certificateDates, redisAddress, tlsOptions } from '../../src/server/tls.ts'
import { Certificate } from '../support/certificate.ts'
import { TestServer } from '../support/server.ts'

const plain = new Certificate()
const locked = new Certificate('open sesame')
afterAll(() => {
  plain[Symbol.dispose]()
  locked[Symbol.dispose]()
})

function tls(changes: Partial<Tls> = {}): Tls {
  const { certFile, keyFile } = plain
  return { certFile, keyFile, passphrase: null, caFile: null, verifyClients: false, ...changes }
}

const lockedTls = (passphrase: string | null) => tls({ certFile: locked.certFile, keyFile: locked.keyFile, passphrase })

describe('a server with a self-signed certificate', () => {
  test.each([
    ['plain key', () => tls()],
    ['key with a passphrase', () => lockedTls('open sesame')],
  ])('serves sockets and the API: %s', async (_, options) => {
    await using server = new TestServer({ tls: options() })
    const client = await server.connect()
    await client.subscribe('news')
    await server.publish('news', 'safe')
    expect(await client.next()).toEqual({ event: 'e', data: 'safe', channel: 'news' })
    await expect(fetch(`https://127.0.0.1:${server.port}/up`)).rejects.toThrow()
    const trusting = await fetch(`https://127.0.0.1:${server.port}/up`, { tls: { ca: readFileSync(options().certFile, 'utf8') } })
    expect(trusting.status).toBe(200)
  })

  test('reads certificate and key from one file', async () => {
    const both = join(plain.folder, 'both.pem')
    writeFileSync(both, readFileSync(plain.certFile, 'utf8') + readFileSync(plain.keyFile, 'utf8'))
    await using server = new TestServer({ tls: tls({ certFile: both, keyFile: both }) })
    await (await server.connect()).nothingMore()
  })
})

test('clients are asked for a certificate only where they are to be verified', async () => {
  await using server = new TestServer({ tls: tls({ caFile: plain.certFile, verifyClients: true }) })
  const ask = (more: object) => fetch(`https://127.0.0.1:${server.port}/up`, { tls: { rejectUnauthorized: false, ...more } })
  await expect(ask({})).rejects.toThrow()
  const own = { cert: readFileSync(plain.certFile, 'utf8'), key: readFileSync(plain.keyFile, 'utf8') }
  expect((await ask(own)).status).toBe(200)
})

describe('a TLS file that cannot be used', () => {
  const nowhere = '/nowhere/at-all.pem'

  test.each<[string, () => Tls, string]>([
    ['a missing certificate', () => tls({ certFile: nowhere }), 'servers.reverb.options.tls.local_cert cannot be read: '],
    ['a missing key', () => tls({ keyFile: nowhere }), 'servers.reverb.options.tls.local_pk cannot be read: '],
    ['a missing authority', () => tls({ caFile: nowhere }), 'servers.reverb.options.tls.cafile cannot be read: '],
    [
      'a key for the certificate',
      () => tls({ certFile: plain.keyFile }),
      'servers.reverb.options.tls.local_cert is no certificate in PEM form',
    ],
    [
      'a certificate for the key',
      () => tls({ keyFile: plain.certFile }),
      'servers.reverb.options.tls.local_pk is no private key in PEM form',
    ],
    [
      'a wrong passphrase',
      () => lockedTls('wrong'),
      'servers.reverb.options.tls.local_pk is no private key in PEM form, or its passphrase is wrong',
    ],
    [
      'no passphrase',
      () => lockedTls(null),
      'servers.reverb.options.tls.local_pk is no private key in PEM form, or its passphrase is wrong',
    ],
    [
      'the key of another',
      () => tls({ certFile: locked.certFile }),
      'servers.reverb.options.tls.local_pk is not the key of the certificate',
    ],
  ])('is named: %s', (_, options, said) => {
    expect(() => tlsOptions(options())).toThrow(
      expect.objectContaining({ name: 'TlsFileError', message: expect.stringContaining(said) }),
    )
  })
})

describe('the dates of a certificate', () => {
  const day = 24 * 60 * 60 * 1000
  const { validFrom, validTo } = new X509Certificate(readFileSync(plain.certFile))
  const [from, to] = [new Date(validFrom), new Date(validTo)]
  const at = (date: Date) => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`
  const said = (now: Date) => certificateDates(plain.certFile, 'server.tls.local_cert', now).map(sentence)
  const names = (what: string) => `servers.reverb.options.tls.local_cert names ${plain.certFile}, which ${what}`
  const renew = 'renew it, then run php artisan reverb:restart'

  test('cause no warning more than two weeks before it expires', () => {
    expect(said(from)).toEqual([])
    expect(said(new Date(to.getTime() - 14 * day - 1))).toEqual([])
  })

  test('cause a warning within two weeks before it expires', () => {
    expect(said(new Date(to.getTime() - 14 * day))).toEqual([names(`expires on ${at(to)}: ${renew}`)])
    expect(said(new Date(to.getTime() - 1))).toEqual([names(`expires on ${at(to)}: ${renew}`)])
  })

  test('cause a warning once it has expired, and before it is valid', () => {
    expect(said(to)).toEqual([names(`expired on ${at(to)}: ${renew}`)])
    expect(said(new Date(from.getTime() - 1))).toEqual([
      names(`is not valid before ${at(from)}: wait, or check the clock of this machine`),
    ])
  })

  test('cannot be read where the file is no certificate', () => {
    expect(() => certificateDates('/nowhere/at-all.pem', 'server.tls.local_cert', from)).toThrow('local_cert cannot be read')
  })
})

describe('the TLS options for Redis', () => {
  const server: RedisServer = {
    kind: 'single',
    hosts: [{ host: 'r', port: 1 }],
    masterName: 'm',
    username: null,
    password: 'p',
    sentinelPassword: null,
    database: 0,
    tls: null,
    connectTimeoutMs: 1,
  }
  const verified = { verifiesPeer: true, verifiesName: true, name: null }
  const files = { caFile: null, certFile: null, keyFile: null, passphrase: null, ...verified }
  const address = (changes: Partial<RedisTlsFiles>) => redisAddress({ ...server, tls: { ...files, ...changes } }, 'there')
  const [cert, key] = [readFileSync(plain.certFile, 'utf8'), readFileSync(plain.keyFile, 'utf8')]

  test('need no file', () => {
    expect(redisAddress(server, 'there')).toEqual({ ...server, tls: null })
    expect(address({})).toEqual({ ...server, tls: { ca: null, identity: null, ...verified } })
  })

  test('hold certificates from files', () => {
    const { certFile, keyFile } = plain
    const policy = { verifiesPeer: false, verifiesName: false, name: 'n' }
    expect(address({ caFile: certFile, certFile, keyFile, ...policy }).tls).toEqual({
      ca: cert,
      identity: { cert, key, passphrase: null },
      ...policy,
    })
  })

  test('hold a key that a passphrase decrypts', () => {
    const { certFile, keyFile } = locked
    expect(address({ certFile, keyFile, passphrase: 'open sesame' }).tls!.identity!.passphrase).toBe('open sesame')
    expect(() => address({ certFile, keyFile, passphrase: 'hush' })).toThrow(
      'there.tls.local_pk is no private key in PEM form, or its passphrase is wrong',
    )
  })

  const nowhere = '/nowhere/at-all.pem'

  test.each<[Partial<RedisTlsFiles>, string]>([
    [{ caFile: nowhere }, 'there.tls.cafile cannot be read: ENOENT'],
    [{ caFile: plain.folder }, 'there.tls.cafile cannot be read: EISDIR'],
    [{ caFile: plain.keyFile }, 'there.tls.cafile is no certificate in PEM form'],
    [{ certFile: nowhere }, 'there.tls.local_cert cannot be read: ENOENT'],
    [{ certFile: plain.certFile }, 'there.tls.local_pk is no private key in PEM form'],
    [{ certFile: plain.certFile, keyFile: nowhere }, 'there.tls.local_pk cannot be read: ENOENT'],
    [{ certFile: locked.certFile, keyFile: plain.keyFile }, 'there.tls.local_pk is not the key of the certificate'],
  ])('name the setting of a file that cannot be used: %j', (changes, said) => expect(() => address(changes)).toThrow(said))
})
