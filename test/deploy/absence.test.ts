/** A server that ends and is started again: its clients are back with their first attempt to connect. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { Daemon } from '../support/child-process.ts'
import { clean, DeployedApp } from '../support/deployed-app.ts'
import { commandLine, descendants } from '../support/processes.ts'
import { cannotRun, missingProgram } from '../support/requirements.ts'
import { Audience } from './support/audience.ts'

setDefaultTimeout(180_000)

const clients = 50

/** The simplest process manager that there is; it can be ended, with what it has started. */
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
      using audience = await Audience.of(app, clients)
      expect(await audience.during(() => signal('php', 'SIGTERM'))).toMatchObject({ attempts: clients, errors: [] })
    })

    test('after a crash: its clients reconnect with their first attempt', async () => {
      using audience = await Audience.of(app, clients)
      const { attempts, errors } = await audience.during(() => signal('bun', 'SIGKILL'))
      expect(attempts).toBe(clients)
      // What a client makes of a connection that just ends, whoever was at its other end.
      expect(new Set(errors)).toEqual(new Set([1006]))
      expect(manager.output).toContain('The server crashed (exit code 137); it is started again now.')
    })
  },
)
