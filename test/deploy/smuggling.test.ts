/** Requests whose end parsers place differently, through the real nginx: the server handles no request that nginx did not forward as one. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Daemon } from '../support/child-process.ts'
import { DeployedApp } from '../support/deployed-app.ts'
import { freePort } from '../support/ports.ts'
import { cannotRun } from '../support/requirements.ts'
import { TestServer } from '../support/server.ts'
import { publishTo, shapes } from '../support/smuggling.ts'
import { Connection } from '../support/tcp.ts'
import { until } from '../support/until.ts'
import { startNginx, withoutNginx } from './support/nginx.ts'

setDefaultTimeout(180_000)

const isSkipped = cannotRun('requests that hide another behind nginx', withoutNginx)
let app: DeployedApp
let server: TestServer
let nginx: Daemon
let port: number
let log: string

beforeAll(async () => {
  if (isSkipped) return
  app = await DeployedApp.make()
  await app.install('nginx')
  server = new TestServer({ port: app.port })
  port = await freePort()
  const folder = join(app.scratch, 'nginx')
  mkdirSync(folder)
  log = join(folder, 'access.log')
  nginx = await startNginx({ folder, port, stub: file => app.text(file), site: `access_log ${log};` })
})

afterAll(async () => {
  await nginx?.stop()
  await server?.[Symbol.asyncDispose]()
  await app?.[Symbol.asyncDispose]()
})

/** Publishes that nginx has passed on and seen answered with 200. */
function publishesInLog(): number {
  return existsSync(log)
    ? (readFileSync(log, 'utf8').match(/"POST \/apps\/1001\/events\?[^"]* HTTP\/1\.1" 200 /g) ?? []).length
    : 0
}

function publishesOfServer(): number {
  return server.answers.filter(answer => answer === 'POST /apps/1001/events 200').length
}

/** Nginx has one process: what it has read before this, it has parsed before this is answered. */
async function barrier(): Promise<void> {
  const connection = await Connection.open(port)
  connection.write('GET /apps/1001/nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  expect((await connection.response()).status).toBe(404)
  connection.destroy()
}

test.skipIf(isSkipped)('nginx forwards a separate pipelined request, and logs it', async () => {
  const connection = await Connection.open(port)
  const publish = publishTo(server.app, 'smuggled')
  connection.write(publish + publish)
  expect([(await connection.response()).status, (await connection.response()).status]).toEqual([200, 200])
  await until('nginx has logged both', () => publishesInLog() === 2)
  expect(publishesOfServer()).toBe(2)
  connection.destroy()
})

test
  .skipIf(isSkipped)
  .each(shapes({ id: '1001', key: 'app-key', secret: 'app-secret' }).map(shape => [shape.name, shape] as const))(
  '%s',
  async (_, { bytes }) => {
    const connection = await Connection.open(port)
    connection.write(bytes)
    await Promise.race([connection.until('\r\n'), connection.ended]).catch(() => {})
    await barrier()
    connection.socket.end()
    await connection.ended
    await until('nginx has logged every publish of the server', () => publishesInLog() === publishesOfServer())
  },
)
