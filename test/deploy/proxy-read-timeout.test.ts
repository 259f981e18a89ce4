/** The server behind a proxy that closes idle connections, as nginx does after 60 s by default (proxy_read_timeout). */
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testApp } from '../support/apps.ts'
import { Client } from '../support/client.ts'
import { freePort } from '../support/ports.ts'
import { cannotRun } from '../support/requirements.ts'
import { TestServer } from '../support/server.ts'
import { runNginx, withoutNginx } from './support/nginx.ts'

setDefaultTimeout(180_000)

const readTimeoutSeconds = 6
const ping = { event: 'pusher:ping' }

describe.skipIf(cannotRun('idle clients behind nginx', withoutNginx))('behind nginx:', () => {
  test('a client that sends only pongs stays connected where the ping interval equals the timeout of the proxy', async () => {
    await using pinged = new TestServer({ apps: [testApp({ pingIntervalSeconds: readTimeoutSeconds })] })
    await using unpinged = new TestServer({ apps: [testApp({ pingIntervalSeconds: 3600 })] })
    const [pingedPort, unpingedPort] = [await freePort(), await freePort()]
    const folder = mkdtempSync(join(tmpdir(), 'revurb-timeout-'))
    const nginx = await runNginx(folder, pingedPort, site(pingedPort, pinged.port) + site(unpingedPort, unpinged.port))
    try {
      const [kept, cut] = [await Client.connected(pingedPort), await Client.connected(unpingedPort)]
      for (const _ of ['first', 'second']) {
        expect(await kept.next()).toEqual(ping)
        kept.send({ event: 'pusher:pong' })
      }
      // The two pings took longer than the read timeout: nginx has closed the connection without pings.
      expect((await cut.closed).code).toBe(1006)
      await kept.nothingMore()
    } finally {
      await nginx.stop()
      rmSync(folder, { recursive: true })
    }
  })
})

function site(port: number, upstream: number): string {
  return `server {
    listen 127.0.0.1:${port};
    location / {
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "Upgrade";
      proxy_read_timeout ${readTimeoutSeconds}s;
      proxy_pass http://127.0.0.1:${upstream};
    }
  }
  `
}
