/** What `reverb:install --stubs=nginx,caddy` writes, in front of the real server, with a real client and Laravel behind it. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Pusher from 'pusher-js'
import { joined, reached } from '../compat/clients/support/heard.ts'
import { freePort } from '../e2e/support/ports.ts'
import { Connection } from '../support/tcp.ts'
import { App, clean } from './support/app.ts'
import { runCaddy, withoutCaddy } from './support/caddy.ts'
import { lacks } from './support/lacks.ts'
import { startNginx, withoutNginx } from './support/nginx.ts'
import { Daemon } from './support/run.ts'

setDefaultTimeout(180_000)

type Proxy = {
  readonly name: string
  readonly missing: string | false
  /** Puts the stub where its head says, and starts the proxy. `change` is what an operator edits in it. */
  start(app: App, port: number, change: (text: string) => string): Promise<Daemon>
  /** Takes the sign of a comment off the lines that keep publishers of elsewhere out. */
  closed(text: string): string
}

const nginx: Proxy = {
  name: 'nginx',
  missing: withoutNginx,
  start(app, port, change) {
    return startNginx({
      folder: join(app.scratch, 'nginx'),
      port,
      stub: file => change(app.text(file)),
      site: 'location / { return 200 "the site"; } location ~ \\.php$ { return 200 "the site"; }',
    })
  },
  closed: text => text.replaceAll(/# ((allow|deny) )/g, '$1'),
}

const caddy: Proxy = {
  name: 'Caddy',
  missing: withoutCaddy,
  start(app, port, change) {
    const etc = join(app.scratch, 'caddy')
    mkdirSync(etc, { recursive: true })
    writeFileSync(join(etc, 'revurb.caddy'), change(app.text('caddy/revurb.caddy')))
    const site = `http://:${port} {\nbind 127.0.0.1\nimport ${etc}/revurb.caddy\nrespond "the site"\n}\n`
    return runCaddy(etc, port, site)
  },
  closed: text => text.replaceAll(/# ((@elsewhere|respond) )/g, '$1'),
}

for (const proxy of [nginx, caddy]) {
  const leftOut = lacks(`${proxy.name} in front of the server`, proxy.missing)
  describe.skipIf(leftOut).each([[''], ['/ws/v1']])(`${proxy.name}, with the path prefix "%s"`, path => {
    let app: App
    let server: Daemon
    let front: Daemon
    let port: number

    beforeAll(async () => {
      app = await App.make({ path })
      await app.install('nginx', 'caddy')
      port = await freePort()
      server = await Daemon.started(['php', 'artisan', 'reverb:start'], () => app.isUp(), { cwd: app.folder, env: clean() })
      front = await proxy.start(app, port, text => text)
    })

    afterAll(async () => {
      await front?.stop()
      await server?.stop()
      await app?.[Symbol.asyncDispose]()
    })

    test('pusher-js connects through it, and hears what Laravel publishes through it', async () => {
      const client = new Pusher('app-key', {
        cluster: '',
        wsHost: '127.0.0.1',
        wsPort: port,
        wsPath: path,
        forceTLS: false,
        enabledTransports: ['ws'],
      })
      try {
        await reached(client, 'connected')
        const { heard } = await joined(client, 'room')
        await app.artisanWith({ REVERB_PORT: String(port) }, 'say', 'hello')
        expect(await heard.until(String.raw`App\Events\Said`)).toEqual({ text: 'hello' })
      } finally {
        client.disconnect()
      }
    })

    test('what is not for the server goes to the site', async () => {
      for (const other of ['/', '/applications', `${path}/application/x`, `${path}/up`]) {
        expect(await (await fetch(`http://127.0.0.1:${port}${other}`)).text()).toBe('the site')
      }
      expect((await fetch(`http://127.0.0.1:${port}${path}/apps/1001/channels`)).status).toBe(401)
      expect((await fetch(`http://127.0.0.1:${port}${path}/apps/1001/x.php`)).status).toBe(404)
    })

    test('publishers of elsewhere can be kept out, clients of elsewhere come in all the same', async () => {
      const closedPort = await freePort()
      await using _closed = await proxy.start(app, closedPort, proxy.closed)
      expect(await statusLine(closedPort, '127.0.0.2', `GET ${path}/apps/1001/channels`)).toBe('HTTP/1.1 403 Forbidden')
      expect(await statusLine(closedPort, '127.0.0.1', `GET ${path}/apps/1001/channels`)).toBe('HTTP/1.1 401 Unauthorized')

      const client = await Connection.open(closedPort, '127.0.0.2')
      client.handshake(`${path}/app/app-key`)
      expect(await client.until('\r\n')).toBe('HTTP/1.1 101 Switching Protocols\r\n')
      client.destroy()
    })
  })

  test.skipIf(leftOut)(`${proxy.name} tells the server whom it speaks for`, async () => {
    await using app = await App.make()
    await app.install('nginx', 'caddy')
    const port = await freePort()
    const fetchHandler = ({ headers }: Request) => Response.json(Object.fromEntries(headers))
    const server = Bun.serve({ hostname: '127.0.0.1', port: app.port, fetch: fetchHandler })
    await using _front = await proxy.start(app, port, text => text)

    for (const path of ['/app/app-key', '/apps/1001/channels']) {
      const headers = await (await fetch(`http://127.0.0.1:${port}${path}`)).json()
      expect(headers).toMatchObject({
        host: `127.0.0.1:${port}`,
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-host': `127.0.0.1:${port}`,
        'x-forwarded-proto': 'http',
      })
    }
    await server.stop(true)
  })
}

async function statusLine(port: number, from: string, request: string): Promise<string> {
  const connection = await Connection.open(port, from)
  connection.write(`${request} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`)
  const line = await connection.until('\r\n')
  connection.destroy()
  return line.trimEnd()
}
