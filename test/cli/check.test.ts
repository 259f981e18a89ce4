import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Finding } from '../../src/runtime/findings.ts'
import { Certificate } from '../support/certificate.ts'
import { Command, document } from '../support/command.ts'

const folder = mkdtempSync(join(tmpdir(), 'revurb-check-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function checked(text: string, ...args: string[]) {
  await using command = new Command('check', ...args)
  command.end(text)
  const { code, stdout, stderr } = await command.ended()
  return { code, said: stdout + stderr }
}

test('check exits with 0 for a valid document, on stdin and in a file, and starts no server', async () => {
  const text = JSON.stringify(document({ server: { port: 4711, path: 'ws' }, extra: 1 }))
  const path = join(folder, 'good.json')
  writeFileSync(path, text, { mode: 0o600 })
  for (const { code, said } of [await checked(`${text}\n`), await checked('', '--config', path)]) {
    expect(code).toBe(0)
    expect(said).toContain('The configuration is valid')
    expect(said).toContain('127.0.0.1:4711/ws')
    expect(said).toContain('extra is not known and was ignored')
    expect(said).not.toContain('"ready"')
    expect(said).not.toContain('app-secret')
  }
})

test('check --log json prints one JSON object a line', async () => {
  for (const [text, code, codes] of [
    [JSON.stringify(document({ extra: 1 })), 0, ['config-warning extra undefined', 'config-sound undefined undefined']],
    [
      JSON.stringify(document({ server: { host: 'nosuch.invalid' } })),
      69,
      ['cannot-listen servers.reverb.host REVERB_SERVER_HOST'],
    ],
    [
      JSON.stringify(document({ version: 9, server: { port: -1 } })),
      78,
      ['config-fault version undefined', 'config-fault servers.reverb.port REVERB_SERVER_PORT'],
    ],
    [
      JSON.stringify(document({ server: { tls: { local_cert: '/nowhere.pem' } } })),
      78,
      ['config-fault servers.reverb.options.tls.local_cert undefined'],
    ],
    ['', 78, ['config-fault undefined undefined']],
  ] as const) {
    await using command = new Command('check', '--log=json')
    command.end(text)
    const ended = await command.ended()
    expect(ended.code).toBe(code)
    const lines = ended.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines.map(({ code, context }) => `${code} ${context?.key} ${context?.variable}`)).toEqual([...codes])
  }
})

test('check --json prints one list of what it finds, with path, level, code and message', async () => {
  for (const [text, code, findings] of [
    [JSON.stringify(document()), 0, []],
    [JSON.stringify(document({ extra: 1 })), 0, [['extra', 'warn', 'config-warning', 'extra', undefined]]],
    [
      JSON.stringify(document({ server: { host: 'nosuch.invalid' } })),
      69,
      [['server.host', 'error', 'cannot-listen', 'servers.reverb.host', 'REVERB_SERVER_HOST']],
    ],
    [
      JSON.stringify(document({ version: 9, server: { port: -1 } })),
      78,
      [
        ['version', 'error', 'config-fault', 'version', undefined],
        ['server.port', 'error', 'config-fault', 'servers.reverb.port', 'REVERB_SERVER_PORT'],
      ],
    ],
    ['', 78, [[null, 'error', 'config-fault', undefined, undefined]]],
  ] as const) {
    await using command = new Command('check', '--json')
    command.end(text)
    const ended = await command.ended()
    expect([ended.code, ended.stderr]).toEqual([code, ''])
    const list: Finding[] = JSON.parse(ended.stdout)
    expect(list.map(({ path, level, code, key, variable }) => [path, level, code, key, variable])).toEqual(
      findings.map(finding => [...finding]),
    )
    for (const { message } of list) expect(message).not.toBe('')
  }
})

describe('check validates the host as a start does:', () => {
  test.each(['192.0.2.1', 'nosuch.invalid', 'https://chat.example.com', '0.0.0.0:8080'])('%s exits with 69', async host => {
    const { code, said } = await checked(JSON.stringify(document({ server: { host } })))
    expect(code).toBe(69)
    expect(said).toContain(`servers.reverb.host (REVERB_SERVER_HOST, --host) is "${host}"`)
    expect(said).not.toContain('sound')
  })

  test('a name exits with 0, and its address is printed', async () => {
    const { code, said } = await checked(JSON.stringify(document({ server: { host: 'localhost', port: 4711 } })))
    expect(code).toBe(0)
    expect(said).toContain('127.0.0.1:4711')
  })

  test('a port in use exits with 0, because the running server may have it', async () => {
    await using running = await Command.started(document())
    const { code } = await checked(JSON.stringify(document({ server: { port: running.port } })))
    expect(code).toBe(0)
  })
})

describe('check reads certificates as a start does:', () => {
  const certificate = new Certificate()
  afterAll(() => certificate[Symbol.dispose]())

  const withTls = (tls: object) => checked(JSON.stringify(document({ server: { tls } })))
  const withRedisTls = (tls: object) =>
    checked(JSON.stringify(document({ scaling: { enabled: true, secret: 's', server: { tls } } })))

  test.each<[string, object, string]>([
    ['none', { local_cert: '/nowhere.pem' }, 'local_cert cannot be read: ENOENT'],
    ['none for the key', { local_cert: certificate.certFile, local_pk: '/nowhere.pem' }, 'local_pk cannot be read: ENOENT'],
    ['no certificate', { local_cert: certificate.keyFile }, 'local_cert is no certificate in PEM form'],
    ['no key', { local_cert: certificate.certFile }, 'local_pk is no private key in PEM form'],
    [
      'no authority',
      { local_cert: certificate.certFile, local_pk: certificate.keyFile, cafile: '/nowhere.pem' },
      'cafile cannot be read',
    ],
  ])('%s exits with 78', async (_, tls, fault) => {
    const { code, said } = await withTls(tls)
    expect(code).toBe(78)
    expect(said).toContain(`servers.reverb.options.tls.${fault}`)
  })

  test.each([
    [-1, 'expired on'],
    [7, 'expires on'],
  ])('one that expires in %p days exits with 0, with a warning', async (days, said) => {
    using own = new Certificate()
    own.lastFor(days)
    const tls = { local_cert: own.certFile, local_pk: own.keyFile }
    for (const [checking, place] of [
      [withTls, 'servers.reverb.options.tls.local_cert'],
      [withRedisTls, 'servers.reverb.scaling.server.context.stream.local_cert (REVURB_REDIS_CERT)'],
    ] as const) {
      const outcome = await checking(tls)
      expect(outcome.code).toBe(0)
      expect(outcome.said).toContain(`${place} names ${own.certFile}, which ${said} `)
    }
  })

  test('one that expires in thirty days exits with 0, without a warning', async () => {
    const { code, said } = await withTls({ local_cert: certificate.certFile, local_pk: certificate.keyFile })
    expect(code).toBe(0)
    expect(said).not.toContain('names /')
  })
})

describe('check exits with 78', () => {
  test('for an invalid document, and prints every fault', async () => {
    const { code, said } = await checked(JSON.stringify(document({ version: 9, server: { port: -1 }, app: { secret: null } })))
    expect(code).toBe(78)
    for (const fault of [
      'version must be 1',
      'servers.reverb.port (REVERB_SERVER_PORT, --port) must be',
      'apps.apps.0.secret (REVERB_APP_SECRET) is missing',
    ])
      expect(said).toContain(fault)
    expect(said).not.toContain('sound')
  })

  test.each([
    ['', 'is empty'],
    ['{', 'is not JSON'],
  ])('for %j', async (text, fault) => {
    const { code, said } = await checked(text)
    expect(code).toBe(78)
    expect(said).toContain(fault)
  })

  test('where the file does not exist', async () => {
    const { code, said } = await checked('', '--config', join(folder, 'none.json'))
    expect(code).toBe(78)
    expect(said).toContain(join(folder, 'none.json'))
  })
})
