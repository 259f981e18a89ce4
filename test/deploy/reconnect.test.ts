/** Clients of a server that ends and is started again reconnect with their first attempt. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { Daemon } from '../support/child-process.ts'
import { clean, DeployedApp } from '../support/deployed-app.ts'
import { commandLine, descendants } from '../support/processes.ts'
import { cannotRun, missingProgram } from '../support/requirements.ts'
import { ReconnectingClients } from './support/reconnecting-clients.ts'

setDefaultTimeout(180_000)

const clients = 50

/** A minimal process manager, which ends its server when it is stopped. */
const loop = `trap 'kill $pid; wait $pid; exit' TERM; while true; do php artisan reverb:start & pid=$!; wait $pid; done`

describe.skipIf(cannotRun('a server that is started again', missingProgram('php', 'php-cli')))(
  'a server that is started again',
  () => {
    let app: DeployedApp
    let manager: Daemon

    beforeAll(async () => {
      app = await DeployedApp.make()
      manager = await Daemon.started(['sh', '-c', loop], () => app.isUp(), { cwd: app.folder, env: clean() })
    })

    afterAll(async () => {
      await manager?.stop()
      await app?.[Symbol.asyncDispose]()
    })

    const signal = (program: string, name: NodeJS.Signals) =>
      process.kill(descendants(manager.pid).find(pid => commandLine(pid).startsWith('php') === (program === 'php'))!, name)

    test('after a stop: its clients reconnect with their first attempt, without an error', async () => {
      using reconnecting = await ReconnectingClients.of(app, clients)
      expect(await reconnecting.reconnectAfter(() => signal('php', 'SIGTERM'))).toMatchObject({ attempts: clients, errors: [] })
    })

    test('after a crash: its clients reconnect with their first attempt', async () => {
      using reconnecting = await ReconnectingClients.of(app, clients)
      const { attempts, errors } = await reconnecting.reconnectAfter(() => signal('bun', 'SIGKILL'))
      expect(attempts).toBe(clients)
      // Clients report 1006 for a connection that ended without a close frame.
      expect(new Set(errors)).toEqual(new Set([1006]))
      expect(manager.output).toContain('The server crashed (exit code 137); it is started again now.')
    })
  },
)
