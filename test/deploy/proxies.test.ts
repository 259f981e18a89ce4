/** The files that `reverb:install --stubs=apache,caddy,haproxy,nginx` writes, in the real proxies, between pusher-js and the server, and between Laravel and the server. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import Pusher from 'pusher-js'
import { Daemon } from '../support/child-process.ts'
import { reached, subscribed } from '../support/clients/event-queue.ts'
import { clean, DeployedApp } from '../support/deployed-app.ts'
import { freePort } from '../support/ports.ts'
import { Connection, rawGet } from '../support/tcp.ts'
import { spellings } from './blocks/spellings.ts'
import { haproxy, proxies, stubs } from './support/proxies.ts'
import { ReconnectingClients } from './support/reconnecting-clients.ts'

setDefaultTimeout(180_000)

describe.each([[''], ['/ws/v1']])('behind a proxy, with the path prefix "%s":', path => {
  let app: DeployedApp
  let server: Daemon

  const started = () => Daemon.started(['php', 'artisan', 'reverb:start'], () => app.isUp(), { cwd: app.folder, env: clean() })

  beforeAll(async () => {
    app = await DeployedApp.make({ path })
    await app.install(...stubs)
    server = await started()
  })

  afterAll(async () => {
    await server?.stop()
    await app?.[Symbol.asyncDispose]()
  })

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

      test('pusher-js connects, and receives what Laravel publishes through the proxy', async () => {
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
          const { events } = await subscribed(client, 'room')
          await app.artisanWith({ REVERB_PORT: String(port) }, 'say', 'hello')
          expect(await events.until(String.raw`App\Events\Said`)).toEqual({ text: 'hello' })
        } finally {
          client.disconnect()
        }
      })

      test('clients reconnect with their first attempt after a restart, also when others found a closed port', async () => {
        using clients = await ReconnectingClients.of({ port, path, isUp: () => app.isUp() }, 20)
        const reconnects = await clients.reconnectAfter(async () => {
          await server.stop()
          const others = ['/app/app-key', '/apps/1001/channels'].map(target => fetch(`http://127.0.0.1:${port}${path}${target}`))
          server = await started()
          const statuses = (await Promise.all(others)).map(({ status }) => status)
          if (proxy.waits) expect(statuses).toEqual([426, 401])
        })
        expect(reconnects).toMatchObject({ attempts: 20, errors: [] })
        expect((await fetch(`http://127.0.0.1:${port}${path}/apps/1001/channels`)).status).toBe(401)
      })

      test('requests for other paths go to the site', async () => {
        for (const other of ['/', '/applications', `${path}/application/x`, `${path}/up`]) {
          expect(await (await fetch(`http://127.0.0.1:${port}${other}`)).text()).toBe('the site')
        }
        expect((await fetch(`http://127.0.0.1:${port}${path}/apps/1001/channels`)).status).toBe(401)
        expect((await fetch(`http://127.0.0.1:${port}${path}/apps/1001/x.php`)).status).toBe(404)
      })

      test.each([
        '/up',
        '/app/../up',
        '/app/..\\up',
        '/app/%2e%2e/up',
        '/apps/../up',
        '/apps/..\\up',
        '/apps/%2e%2e/up',
        '/apps/./../up',
      ])('the health check of the server is not public as %s', async health => {
        expect((await rawGet(port, `${path}${health}`)).body).not.toContain('{"health"')
      })

      // HTTP/1.0 without a Host header: HAProxy sends no other unless it is configured to.
      if (proxy === haproxy)
        test('the health check of the proxy is answered', async () => {
          const checks = () => fetch(`http://127.0.0.1:${port}/stats;csv`).then(answer => answer.text())
          let statistics = ''
          await front.until(async () => {
            statistics = await checks()
            return /^revurb,revurb,.*,L7/m.test(statistics)
          })
          expect(statistics).toMatch(/^revurb,revurb,.*,L7OK,200,/m)
        })

      describe.each([
        ['to other machines', '127.0.0.1', '401 Unauthorized'],
        ['to all machines', undefined, '403 Forbidden'],
      ] as const)('with the API closed %s', (_, publisher, local) => {
        let closedPort: number
        let closed: Daemon

        beforeAll(async () => {
          closedPort = await freePort()
          closed = await proxy.start(app, closedPort, text => proxy.closed(text, publisher))
        })

        afterAll(async () => {
          await closed?.stop()
        })

        test('clients of other machines connect, and publishers publish from where they may', async () => {
          expect(await statusLine(closedPort, '127.0.0.1', `${path}/apps/1001/channels`)).toBe(`HTTP/1.1 ${local}`)
          expect(await statusLine(closedPort, '127.0.0.2', `${path}/apps/1001/channels`)).toBe('HTTP/1.1 403 Forbidden')

          const client = await Connection.open(closedPort, '127.0.0.2')
          client.handshake(`${path}/app/app-key`)
          expect(await client.until('\r\n')).toBe('HTTP/1.1 101 Switching Protocols\r\n')
          client.destroy()
        })

        test.each(spellings)('requests are refused whose path has %s', async (_, spelled) => {
          const line = await statusLine(closedPort, '127.0.0.2', spelled(`${path}/apps/1001/channels`))
          // The server answers an unsigned request with 401.
          expect(line).not.toContain(' 401 ')
        })
      })
    })
  }
})

test.skipIf(proxies.every(({ isSkipped }) => isSkipped))(
  'proxies forward the address of their client to the server',
  async () => {
    await using app = await DeployedApp.make()
    await app.install(...stubs)
    const fetchHandler = ({ headers }: Request) => Response.json(Object.fromEntries(headers))
    const server = Bun.serve({ hostname: '127.0.0.1', port: app.port, fetch: fetchHandler })

    for (const { proxy } of proxies.filter(({ isSkipped }) => !isSkipped)) {
      const port = await freePort()
      await using _front = await proxy.start(app, port, text => text)
      for (const path of ['/app/app-key', '/apps/1001/channels']) {
        const headers = await (await fetch(`http://127.0.0.1:${port}${path}`)).json()
        expect(headers, proxy.name).toMatchObject({
          host: `127.0.0.1:${port}`,
          'x-forwarded-for': '127.0.0.1',
          'x-forwarded-host': `127.0.0.1:${port}`,
          'x-forwarded-proto': 'http',
        })
      }
    }
    await server.stop(true)
  },
)

async function statusLine(port: number, from: string, path: string): Promise<string> {
  const connection = await Connection.open(port, from)
  connection.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`)
  const line = await connection.until('\r\n')
  connection.destroy()
  return line.trimEnd()
}
