/** The limits of request bodies in the files that `reverb:install` writes for proxies: of bytes that reach the server, and that the proxy stores on disk. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Daemon, run } from '../support/child-process.ts'
import { clean, DeployedApp } from '../support/deployed-app.ts'
import { freePort } from '../support/ports.ts'
import { cannotRun } from '../support/requirements.ts'
import { signedQuery } from '../support/sign.ts'
import { Connection } from '../support/tcp.ts'
import { withoutCaddy } from './support/caddy.ts'
import { proxies, stubs } from './support/proxies.ts'

setDefaultTimeout(180_000)

const serverLimit = 10_000
/** The limit in the stubs for that setting of the server. */
const proxyLimit = 2 * serverLimit + 65_536
const serverAnswer = 'Payload too large: the limit is 10000 bytes (max_request_size in config/reverb.php).'

const encodings = [
  ['with a Content-Length', whole],
  ['in chunks', inChunks],
] as const

let app: DeployedApp
let server: Daemon

beforeAll(async () => {
  app = await DeployedApp.make({ environment: { REVERB_MAX_REQUEST_SIZE: String(serverLimit) } })
  await app.install(...stubs)
  server = await Daemon.started(['php', 'artisan', 'reverb:start'], () => app.isUp(), { cwd: app.folder, env: clean() })
})

afterAll(async () => {
  await server?.stop()
  await app?.[Symbol.asyncDispose]()
})

test.skipIf(cannotRun('the configuration of Caddy', withoutCaddy))(
  'Caddy does not count the messages of a WebSocket over HTTP/2 as a body',
  async () => {
    const file = join(app.folder, 'Caddyfile')
    writeFileSync(file, `http://:80 {\n${app.text('caddy/revurb.caddy')}}\n`)
    const adapted = await run(['caddy', 'adapt', '--config', file, '--adapter', 'caddyfile'], { env: clean() })
    const json = adapted.split('\n').find(line => line.startsWith('{"apps"'))!
    // That of publishers, and that of clients.
    const bounds = routesOf(JSON.parse(json)).filter(({ handle }) => handle?.some(({ handler }) => handler === 'request_body'))
    expect(bounds.map(({ match }) => match)).toEqual([undefined, [{ not: [{ method: ['CONNECT'] }] }]])
  },
)

for (const { proxy, isSkipped } of proxies) {
  describe.skipIf(isSkipped)(proxy.name, () => {
    let front: Daemon
    let port: number

    beforeAll(async () => {
      port = await freePort()
      front = await proxy.start(app, port, text => text)
    })

    afterAll(async () => {
      await front?.stop()
    })

    describe.each(proxy.refusesChunks ? [encodings[0]] : encodings)('a body %s', (_, sent) => {
      test('over max_request_size is answered with the 413 of the server, which names the limit', async () => {
        for (const bytes of [serverLimit + 1, proxyLimit])
          expect(await sent(port, bytes), `${bytes} bytes`).toEqual({ status: 413, body: serverAnswer })
      })

      test('over the limit of the proxy is answered with the 413 of the proxy', async () => {
        const { status, body } = await sent(port, proxyLimit + 1)
        expect(status).toBe(413)
        expect(body).not.toBe(serverAnswer)
      })
    })

    if (proxy.refusesChunks)
      test('a body in chunks is refused', async () => {
        expect((await inChunks(port, 100)).status).toBe(411)
        expect((await whole(port, 100)).status).toBe(200)
      })

    test.each(['/apps/1001/events', '/app/app-key'])(
      'a body without an end for %s is cut, and takes no room on the disk',
      async path => {
        const before = storedBytes(front.pid)
        let stored = 0
        const isCut = await endless(port, path, () => {
          stored = Math.max(stored, storedBytes(front.pid) - before)
        })
        expect(isCut).toBe(true)
        expect(stored).toBeLessThanOrEqual(proxyLimit)
      },
    )
  })
}

/** Whether the connection ends before 64 MB were written. */
async function endless(port: number, path: string, eachChunk: () => void): Promise<boolean> {
  const connection = await Connection.open(port)
  let isCut = false
  void connection.ended.then(() => {
    isCut = true
  })
  connection.write(head(path, ['Transfer-Encoding: chunked']))
  for (let chunk = 0; chunk < 4000 && !isCut; chunk++) {
    await new Promise(resolve => connection.socket.write(`4000\r\n${'x'.repeat(0x4000)}\r\n`, resolve))
    // What the proxy answers is seen between two turns only.
    await new Promise(setImmediate)
    eachChunk()
  }
  connection.destroy()
  return isCut
}

test.skipIf(proxies.every(({ isSkipped }) => isSkipped))('no proxy forwards more of a body than its limit', async () => {
  await using behind = await DeployedApp.make({ environment: { REVERB_MAX_REQUEST_SIZE: String(serverLimit) } })
  await behind.install(...stubs)
  let received = 0
  const swallow = async ({ body }: Request) => {
    for await (const piece of body ?? []) received += piece.length
    return new Response('swallowed')
  }
  const server = Bun.serve({ hostname: '127.0.0.1', port: behind.port, maxRequestBodySize: 2 ** 30, fetch: swallow })
  for (const { proxy } of proxies.filter(({ isSkipped }) => !isSkipped)) {
    const port = await freePort()
    await using _front = await proxy.start(behind, port, text => text)
    received = 0
    expect((await whole(port, proxyLimit)).body, proxy.name).toBe('swallowed')
    expect(received, proxy.name).toBe(proxyLimit)
    received = 0
    expect((await whole(port, 100 * proxyLimit)).status, proxy.name).toBe(413)
    expect(received, proxy.name).toBeLessThanOrEqual(proxyLimit)
  }
  await server.stop(true)
})

type Answer = { readonly status: number; readonly body: string }

function head(path: string, headers: readonly string[]): string {
  return `${[`POST ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`
}

/** A publish of so many bytes that is signed: nothing but its size is wrong with it. */
function publish(bytes: number): { readonly path: string; readonly body: string } {
  const body = JSON.stringify({ name: 'e', channel: 'room', data: '{}' }).padEnd(bytes)
  const path = '/apps/1001/events'
  return { path: `${path}?${signedQuery({ key: 'app-key', secret: 'app-secret' }, { method: 'POST', path, body })}`, body }
}

async function whole(port: number, bytes: number): Promise<Answer> {
  const { path, body } = publish(bytes)
  return answered(port, head(path, [`Content-Length: ${bytes}`]), body)
}

async function inChunks(port: number, bytes: number): Promise<Answer> {
  const { path, body } = publish(bytes)
  const chunks = body.match(/.{1,4096}/gs)!.map(chunk => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
  return answered(port, head(path, ['Transfer-Encoding: chunked']), `${chunks.join('')}0\r\n\r\n`)
}

async function answered(port: number, head: string, body: string): Promise<Answer> {
  const connection = await Connection.open(port)
  connection.write(head + body)
  const { status, body: text } = await connection.response()
  connection.destroy()
  return { status, body: text }
}

/** Of the files without a name that a process and its children have open: a proxy deletes the file of a body as soon as it is open. */
function storedBytes(pid: number): number {
  const open = readdirSync(`/proc/${pid}/fd`).map(fd => `/proc/${pid}/fd/${fd}`)
  const own = open.reduce((sum, file) => sum + deletedBytes(file), 0)
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  return children.reduce((sum, child) => sum + storedBytes(Number(child)), own)
}

function deletedBytes(file: string): number {
  try {
    return readlinkSync(file).endsWith(' (deleted)') ? statSync(file).size : 0
  } catch {
    return 0
  }
}

type Route = { readonly match?: object[]; readonly handle?: { readonly handler: string }[] }

/** All of a configuration, however deep. */
function routesOf(part: unknown): Route[] {
  if (typeof part !== 'object' || part === null) return []
  return ['handle' in part ? [part as Route] : [], ...Object.values(part).map(routesOf)].flat()
}
