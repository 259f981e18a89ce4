import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Tls } from '../../src/config/config.ts'
import { Certificate } from '../support/certificate.ts'
import { document, program } from '../support/command.ts'
import { freePort } from '../support/ports.ts'
import { TestServer } from '../support/server.ts'

const folder = mkdtempSync(join(tmpdir(), 'revurb-health-'))
const certificate = new Certificate()
afterAll(() => {
  rmSync(folder, { recursive: true })
  certificate[Symbol.dispose]()
})

/** Runs the command, and returns its exit code and what it writes. */
async function health(args: readonly string[], environment: Record<string, string> = {}): Promise<[code: number, said: string]> {
  const command = [process.execPath, '--no-env-file', program, 'health', ...args]
  const child = Bun.spawn(command, { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe', env: { NO_COLOR: '1', ...environment } })
  const [out, error] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return [await child.exited, out + error]
}

const asked = (url: string, ...args: string[]) => health(['--url', url, ...args])

function byDocument(server: object, changes: object = {}, environment: Record<string, string> = {}): Promise<[number, string]> {
  const file = join(folder, 'revurb.json')
  writeFileSync(file, JSON.stringify(document({ server, ...changes })), { mode: 0o600 })
  return health(['--config', file], environment)
}

const tls: Tls = {
  certFile: certificate.certFile,
  keyFile: certificate.keyFile,
  passphrase: null,
  caFile: null,
  verifyClients: false,
}
const pem = { local_cert: certificate.certFile, local_pk: certificate.keyFile }

/** Runs a test with the port of a server that is none of ours. */
async function beside(server: Server, test: (port: number) => Promise<void>): Promise<void> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  try {
    await test((server.address() as AddressInfo).port)
  } finally {
    server.close()
  }
}

describe('health exits with 0, and prints nothing, for a server', () => {
  test('on every address of IPv4', async () => {
    await using server = new TestServer({ host: '0.0.0.0' })
    expect(await byDocument({ host: '0.0.0.0', port: server.port })).toEqual([0, ''])
    expect(server.answers).toEqual(['GET /up 200'])
  })

  test.each(['::', '::1', '[::1]'])('on the IPv6 address %s', async host => {
    await using server = new TestServer({ host: host.replace(/[[\]]/g, '') })
    expect(await byDocument({ host, port: server.port })).toEqual([0, ''])
  })

  test('on an address by its name', async () => {
    await using server = new TestServer()
    expect(await byDocument({ host: 'localhost', port: server.port })).toEqual([0, ''])
  })

  test('with a prefix', async () => {
    await using server = new TestServer({ path: '/ws' })
    expect(await byDocument({ port: server.port, path: 'ws/' })).toEqual([0, ''])
    expect(server.answers).toEqual(['GET /ws/up 200'])
  })

  test('with TLS, whose certificate is issued for another name', async () => {
    await using server = new TestServer({ tls })
    expect(await byDocument({ port: server.port, tls: pem })).toEqual([0, ''])
    expect(await asked(`https://localhost:${server.port}/up`)).toEqual([0, ''])
  })

  test('with TLS that demands a certificate of its clients', async () => {
    await using server = new TestServer({ tls: { ...tls, caFile: tls.certFile, verifyClients: true } })
    const demanding = { ...pem, cafile: certificate.certFile, verify_peer: true }
    expect(await byDocument({ port: server.port, tls: demanding })).toEqual([0, ''])
    const [code, said] = await asked(`https://127.0.0.1:${server.port}/up`)
    expect(code).toBe(1)
    expect(said).toBe(
      `https://127.0.0.1:${server.port}/up does not answer: the TLS handshake failed. Does the server speak TLS there, and accept clients without a certificate?\n`,
    )
  })

  test('by its address', async () => {
    await using server = new TestServer({ path: '/ws' })
    expect(await asked(`http://127.0.0.1:${server.port}/ws/up`, '--timeout=30.5')).toEqual([0, ''])
  })

  test('whatever is wrong with its apps since', async () => {
    await using server = new TestServer()
    expect(await byDocument({ port: server.port }, { apps: [{ app_id: 7 }], unknown: 1 })).toEqual([0, ''])
  })

  test('on this machine, without the proxy of HTTP_PROXY', async () => {
    await using server = new TestServer()
    const proxies = { HTTP_PROXY: 'http://127.0.0.1:1', http_proxy: 'http://127.0.0.1:1', NO_PROXY: '', no_proxy: '' }
    expect(await byDocument({ port: server.port }, {}, proxies)).toEqual([0, ''])
    expect(await health(['--url', `http://127.0.0.1:${server.port}/up`], proxies)).toEqual([0, ''])
  })
})

describe('health exits with 1, and says what was asked and what came,', () => {
  test('where nothing listens', async () => {
    const port = await freePort()
    const said = `http://127.0.0.1:${port}/up does not answer: the connection was refused, as nothing listens there.\n`
    expect(await byDocument({ port })).toEqual([1, said])
    expect(await asked(`http://127.0.0.1:${port}/up`)).toEqual([1, said])
  })

  test.each([404, 503, 301])('where the answer is %d', async status => {
    const server = createServer((_, response) => response.writeHead(status, { Location: '/elsewhere' }).end())
    await beside(server, async port => {
      expect(await byDocument({ port })).toEqual([1, `http://127.0.0.1:${port}/up answers ${status}, not 200.\n`])
    })
  })

  test('where the prefix is another one', async () => {
    await using server = new TestServer({ path: '/ws' })
    expect(await byDocument({ port: server.port })).toEqual([1, `http://127.0.0.1:${server.port}/up answers 404, not 200.\n`])
  })

  test.each([
    ['0.2', '0.2 seconds'],
    ['1', '1 second'],
  ])('where the server hangs for longer than --timeout %s', async (seconds, said) => {
    await beside(createTcpServer(), async port => {
      const url = `http://127.0.0.1:${port}/up`
      expect(await asked(url, '--timeout', seconds)).toEqual([1, `${url} does not answer within ${said}.\n`])
    })
  })

  test('where the connection is closed', async () => {
    await beside(
      createTcpServer(socket => socket.destroy()),
      async port => {
        const url = `http://127.0.0.1:${port}/up`
        expect(await asked(url)).toEqual([
          1,
          `${url} does not answer: the connection was closed. Does the server speak TLS there, or no HTTP?\n`,
        ])
      },
    )
  })

  test.each([
    ['220 mail.test ESMTP\r\n', 'Malformed_HTTP_Response'],
    ['HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n', 'InvalidContentLength'],
  ])('where the answer is %j, without a password or a query', async (answer, fault) => {
    await beside(
      createTcpServer(socket => socket.end(answer)),
      async port => {
        const said = `http://127.0.0.1:${port}/up gives no usable answer: ${fault}.\n`
        expect(await asked(`http://user:never-shown@127.0.0.1:${port}/up?token=never-shown`)).toEqual([1, said])
      },
    )
  })

  test('where the server speaks no TLS, or nothing else', async () => {
    await using plain = new TestServer()
    const [code, said] = await byDocument({ port: plain.port, tls: pem })
    expect([code, said]).toEqual([
      1,
      `https://127.0.0.1:${plain.port}/up does not answer: the TLS handshake failed. Does the server speak TLS there, and accept clients without a certificate?\n`,
    ])
    await using secure = new TestServer({ tls })
    expect(await byDocument({ port: secure.port })).toEqual([
      1,
      `http://127.0.0.1:${secure.port}/up does not answer: the connection was closed. Does the server speak TLS there, or no HTTP?\n`,
    ])
  })

  test('where the name does not resolve', async () => {
    expect(await asked('http://nosuch.invalid/up')).toEqual([
      1,
      'http://nosuch.invalid/up does not answer: its host name does not resolve.\n',
    ])
  })

  test('without a password or a query', async () => {
    const port = await freePort()
    const [code, said] = await asked(`http://user:never-shown@127.0.0.1:${port}/up?token=never-shown`)
    expect([code, said]).toEqual([1, expect.stringContaining(`http://127.0.0.1:${port}/up does not answer: `)])
    expect(said).not.toContain('never-shown')
  })
})

describe('health exits with 1, and asks nothing,', () => {
  test.each<[string[], string]>([
    [[], 'Give --config FILE, the document of the server, or --url URL, the address to ask.\n'],
    ...[['--config'], ['--config', ''], ['--url', ''], ['--no-config']].map((args): [string[], string] => [
      args,
      'Give --config FILE, the document of the server, or --url URL, the address to ask.\n',
    ]),
    [['--config', 'a', '--url', 'http://127.0.0.1/up'], 'Give either --config FILE or --url URL, not both.\n'],
    [['--url', '127.0.0.1:8080/up'], '--url must be an address such as http://127.0.0.1:8080/up.\n'],
    [['--url', 'ftp://127.0.0.1/up'], '--url must be an address such as http://127.0.0.1:8080/up.\n'],
    ...['0', '-1', 'x', '', '3601'].map((seconds): [string[], string] => [
      ['--url', 'http://127.0.0.1/up', `--timeout=${seconds}`],
      '--timeout must be a number of seconds, more than 0 and at most 3600.\n',
    ]),
  ])('with the arguments %j', async (args, said) => {
    expect(await health(args)).toEqual([1, said])
  })

  test('where the document does not exist, or is none', async () => {
    const missing = join(folder, 'missing.json')
    const [code, said] = await health(['--config', missing])
    expect([code, said]).toEqual([1, expect.stringMatching(/^The configuration cannot be read: ENOENT/)])
    expect(said).toContain(missing)
    const file = join(folder, 'none.json')
    writeFileSync(file, '{')
    expect(await health(['--config', file])).toEqual([1, expect.stringMatching(/^The configuration document is not JSON/)])
  })

  test('where the document has another address than this machine', async () => {
    const [code, said] = await byDocument({ host: '192.0.2.1', port: 8080 })
    expect([code, said]).toEqual([1, expect.stringContaining('is "192.0.2.1", no address of this machine')])
  })

  test('where the certificate to show cannot be read', async () => {
    const [code, said] = await byDocument({ port: 8080, tls: { local_cert: '/nowhere.pem', verify_peer: true } })
    expect([code, said]).toEqual([1, expect.stringMatching(/^servers\.reverb\.options\.tls\.local_cert cannot be read: ENOENT/)])
  })

  test('where a key of the address is invalid', async () => {
    expect(await byDocument({ port: -1 })).toEqual([1, expect.stringContaining('servers.reverb.port (REVERB_SERVER_PORT')])
  })
})

test('health starts without the server and its Redis client: it is run every few seconds', async () => {
  const cli = join(import.meta.dir, '../../src/cli')
  const main = readFileSync(join(cli, 'main.ts'), 'utf8').replace(/^#!.*/, '')
  const imports = new Bun.Transpiler({ loader: 'ts' }).scanImports(main)
  const evaluated = imports.filter(({ kind }) => kind !== 'dynamic-import').map(({ path }) => path)
  expect(evaluated.sort()).toEqual(['../../package.json', 'citty'])
  const built = await Bun.build({ entrypoints: [join(cli, 'health.ts')], target: 'bun' })
  const text = await built.outputs[0]!.text()
  expect(text).toContain('decodeListening')
  expect(text).not.toMatch(/ioredis|consola|Bun\.serve/)
})
