/**
 * Blocks for nginx, Caddy, Apache and HAProxy as Laravel's documentation and public repositories have them in front of Reverb, with
 * the real proxies, a client and Pusher's SDK. REVERB_APP, a Laravel application that has laravel/reverb, puts Reverb itself behind
 * them: that is how the expectations were recorded.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Server, Target } from '../compat/lib/server.ts'
import { stockApp } from '../compat/lib/settings.ts'
import type { Daemon } from '../support/child-process.ts'
import { freePort } from '../support/ports.ts'
import { cannotRun } from '../support/requirements.ts'
import { rawGet } from '../support/tcp.ts'
import { apache } from './blocks/apache.ts'
import { all, api, type Block, expected, type Outcomes } from './blocks/block.ts'
import { caddy } from './blocks/caddy.ts'
import { documented } from './blocks/documented.ts'
import { haproxy } from './blocks/haproxy.ts'
import { nginx } from './blocks/nginx.ts'
import { app, choosy, probe } from './blocks/probe.ts'
import { spellings } from './blocks/spellings.ts'
import { runApache, withoutApache } from './support/apache.ts'
import { runCaddy, withoutCaddy } from './support/caddy.ts'
import { runHaproxy, withoutHaproxy } from './support/haproxy.ts'
import { runNginx, withoutNginx } from './support/nginx.ts'

setDefaultTimeout(180_000)

/** A block with its port, as text for its proxy. */
type Placed = { readonly port: number; readonly text: string; readonly beside: string }

type Proxy = {
  readonly name: string
  readonly missing: string | false
  readonly blocks: readonly Block[]
  /** The language that docs/proxies.md gives for its blocks. */
  readonly language: string
  /** The answer to what the documented block for a prefix does not pass on. */
  readonly unknown: string
  start(folder: string, placed: readonly Placed[]): Promise<Daemon>
}

const proxies: readonly Proxy[] = [
  {
    name: 'nginx',
    missing: withoutNginx,
    blocks: nginx,
    language: 'nginx',
    unknown: '404',
    start: (folder, placed) =>
      runNginx(
        folder,
        placed[0]!.port,
        `root ${folder};\n${placed.map(({ beside }) => beside).join('\n')}\n` +
          placed.map(({ port, text }) => `server {\nlisten 127.0.0.1:${port};\n${text}\n}\n`).join(''),
      ),
  },
  {
    name: 'Caddy',
    missing: withoutCaddy,
    blocks: caddy,
    language: 'caddyfile',
    unknown: '404',
    start: (folder, placed) =>
      runCaddy(
        folder,
        placed[0]!.port,
        placed
          .map(({ port, text }) => `http://:${port} {\nbind 127.0.0.1\nroot * ${folder}/site\n${text}\nfile_server\n}\n`)
          .join(''),
      ),
  },
  {
    name: 'Apache',
    missing: withoutApache,
    blocks: apache,
    language: 'apache',
    unknown: '404',
    start: (folder, placed) =>
      runApache(
        folder,
        placed.map(({ port }) => port),
        placed.map(({ port, text }) => `<VirtualHost 127.0.0.1:${port}>\n${text}\n</VirtualHost>\n`).join(''),
      ),
  },
  {
    name: 'HAProxy',
    missing: withoutHaproxy,
    blocks: haproxy,
    language: 'haproxy',
    unknown: '503',
    start: (folder, placed) => runHaproxy(folder, placed[0]!.port, placed.map(named).join('\n')),
  },
]

const { default: target }: { default: Target } = await import(
  process.env.REVERB_APP === undefined ? '../compat/targets/revurb.ts' : '../compat/targets/reverb.ts'
)
const isReverb = process.env.REVERB_APP !== undefined

describe.each(proxies.map(proxy => [proxy.name, proxy] as const))(
  '%s',
  (name, { missing, blocks: found, language, unknown, start }) => {
    const blocks: readonly Block[] = [
      ...found,
      {
        name: 'our documentation strips a prefix',
        text: documented('proxies', 'A prefix that the proxy strips', language),
        prefix: '/ws',
        except: { health: unknown },
      },
      {
        name: 'our documentation denies all but clients',
        text: documented('proxies', 'Rules that deny a path', language),
        except: all([...api, 'health'], '403'),
      },
    ]
    const isSkipped = cannotRun(`blocks of ${name}`, missing)
    let folder: string
    const servers: Server[] = []
    let front: Daemon
    let outcomes: Outcomes[]
    let ports: number[]

    beforeAll(async () => {
      if (isSkipped) return
      folder = mkdtempSync(join(tmpdir(), 'revurb-blocks-'))
      chmodSync(folder, 0o755)
      for (const path of ['', 'ws']) servers.push(await serve(path))
      const [plain, prefixed] = servers.map(({ port }) => port) as [number, number]
      const addressed = (text = '') => text.replaceAll(':8080', `:${plain}`).replaceAll(':8081', `:${prefixed}`)
      ports = await Promise.all(blocks.map(freePort))
      const placed = blocks.map(({ text, beside }, at) => ({
        port: ports[at]!,
        text: addressed(text),
        beside: addressed(beside),
      }))
      front = await start(folder, placed)
      outcomes = await probe(
        blocks.map((block, at) => ({ block, port: ports[at]!, behind: block.text.includes(':8081') ? prefixed : plain })),
      )
    })

    afterAll(async () => {
      await front?.stop()
      for (const server of servers) await server.control!.stop()
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    })

    test.skipIf(isSkipped).each(blocks.map((block, at) => [block.name, block, at] as const))('%s', (_, block, at) => {
      expect(outcomes[at]).toEqual(expected(block, isReverb))
    })

    // 401 is the server's answer to a request that is not signed.
    test.skipIf(isSkipped).each(spellings)('our documentation denies /apps in a path with %s', async (_, spelled) => {
      expect((await rawGet(ports.at(-1)!, spelled(`/apps/${app.id}/channels`))).status).not.toBe(401)
    })

    const healths = [
      '/up',
      '//up',
      '/./up',
      '/app/../up',
      '/app/..\\up',
      '/app/%2e%2e/up',
      '/apps/../up',
      '/apps/..\\up',
      '/\\up',
      '/%75p',
    ]
    test.skipIf(isSkipped).each(healths)('our documentation denies the health check as %s', async path => {
      expect((await rawGet(ports.at(-1)!, path)).status).not.toBe(200)
      expect((await rawGet(ports.at(-2)!, `/ws${path}`)).status).not.toBe(200)
    })
  },
)

async function serve(path: string): Promise<Server> {
  const apps = [app, choosy].map(({ id, key, secret, origins }) => ({
    ...stockApp,
    app_id: id,
    key,
    secret,
    allowed_origins: origins,
  }))
  return target.start({ server: { path, max_request_size: 10_000 }, apps }, await freePort())
}

/** Every row for HAProxy is a whole configuration; several in one process need ports and section names of their own. */
function named({ port, text }: Placed): string {
  return text
    .replaceAll(/\bbind \S+/g, `bind 127.0.0.1:${port}`)
    .replaceAll(/^( *(?:frontend|listen|backend|default_backend|use_backend) +\w+)/gm, `$1-${port}`)
}
