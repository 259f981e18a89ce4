/** The program that `reverb:install --stubs=supervisor` writes, under Debian's Supervisor. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '../support/client.ts'
import { DeployedApp } from '../support/deployed-app.ts'
import { commandLine, descendants, runs } from '../support/processes.ts'
import { cannotRun, missingProgram, withoutRoot } from '../support/requirements.ts'
import { until } from '../support/until.ts'
import { ReconnectingClients } from './support/reconnecting-clients.ts'
import { Supervisord } from './support/supervisord.ts'

setDefaultTimeout(180_000)

const isSkipped = cannotRun('the program block under Supervisor', missingProgram('supervisord', 'supervisor'), withoutRoot)

describe.skipIf(isSkipped)('the program block under Supervisor', () => {
  let app: DeployedApp
  let supervisor: Supervisord

  beforeAll(async () => {
    app = await DeployedApp.make()
    await app.install('supervisor')
    supervisor = await Supervisord.started(join(app.scratch, 'supervisor'))
    // The commands in the file's first comment.
    cpSync(app.file('supervisor/revurb.conf'), join(supervisor.programs, 'revurb.conf'))
    expect(await supervisor.ctl('update')).toContain('revurb: added process group')
    await until('the server is up', () => app.isUp())
  })

  afterAll(async () => {
    await supervisor?.stop()
    await app?.[Symbol.asyncDispose]()
  })

  const pid = () => supervisor.pid('revurb')
  const server = async () => descendants(await pid()).find(child => commandLine(child).includes('revurb.js'))!

  const hasState = async (state: string) => (await supervisor.outcome('status', 'revurb')).output.includes(state)

  test('runs as the owner of the application, and writes its log there', async () => {
    await until('Supervisor reports it as RUNNING', () => hasState('RUNNING'))
    expect(commandLine(await pid())).toContain(`${app.folder}/artisan reverb:start`)
    expect(owner(await pid())).toBe(Bun.spawnSync(['id', '-u', app.user]).stdout.toString().trim())
    const banner = `Starting server on 127.0.0.1:${app.port}`
    await until('the log has the first line', () =>
      readFileSync(join(app.folder, 'storage/logs/revurb.log'), 'utf8').includes(banner),
    )
  })

  test('supervisorctl restart closes the sockets, and the new server takes over', async () => {
    const before = await server()
    const client = await Client.connected(app.port)

    expect(await supervisor.ctl('restart', 'revurb')).toContain('revurb: started')
    expect((await client.closed).code).toBe(1001)
    expect(runs(before)).toBe(false)
    await until('the server is up', () => app.isUp())
    expect(await server()).not.toBe(before)
  })

  test('supervisorctl restart is finished before clients make their first attempt to reconnect', async () => {
    using clients = await ReconnectingClients.of(app, 20)
    expect(await clients.reconnectAfter(() => supervisor.ctl('restart', 'revurb'))).toMatchObject({ attempts: 20, errors: [] })
  })

  test('a killed artisan process is started again, and leaves no server behind', async () => {
    const [artisan, before] = [await pid(), await server()]
    process.kill(artisan, 'SIGKILL')

    await until('the server has ended', () => !runs(before))
    await until('another one is up', async () => (await pid()) !== artisan && (await app.isUp()))
  })

  test('reverb:restart serves the new release after a deployment, in the same process', async () => {
    const [artisan, before] = [await pid(), await server()]
    const client = await Client.connected(app.port)
    app.release('2', { REVERB_APP_KEY: 'key-of-release-2' })
    // Deployment tools delete old releases.
    rmSync(join(app.scratch, 'releases/1'), { recursive: true })

    expect(await app.artisan('reverb:restart', '--wait')).toMatch(/ restarted in [\d.]+ s: 1 connection moved to pid \d+/)
    expect((await client.closed).code).toBe(4200)
    expect(runs(before)).toBe(false)
    expect(JSON.parse(await app.artisan('reverb:status', '--json'))).toMatchObject({
      verdict: 'healthy',
      servers: [{ directory: app.folder, pid: artisan, current: true, server: { release: join(app.scratch, 'releases/2') } }],
    })
    expect(await pid()).toBe(artisan)
    const { socketId } = await Client.connected(app.port, { key: 'key-of-release-2' })
    expect(socketId).not.toBe('')
  })

  test('supervisorctl stop leaves no process behind', async () => {
    const all = [await pid(), ...descendants(await pid())]
    expect(await supervisor.ctl('stop', 'revurb')).toContain('revurb: stopped')
    expect(all.filter(runs).map(commandLine)).toEqual([])
    expect(await app.isUp()).toBe(false)
  })

  test('Supervisor gives up a program with a wrong configuration', async () => {
    app.release('3', { REVERB_APP_SECRET: '' })
    await supervisor.outcome('start', 'revurb')
    // FATAL after three tries that end within startsecs; EXITED where booting Laravel takes longer than that.
    await until('Supervisor does not start it again', async () => (await hasState('FATAL')) || (await hasState('EXITED')))
    expect(readFileSync(join(app.folder, 'storage/logs/revurb.log'), 'utf8')).toContain('apps.apps.0.secret (REVERB_APP_SECRET)')
  })

  test('Supervisor does not restart a program whose wrong configuration is found after startsecs', async () => {
    app.release('4', { REVERB_APP_SECRET: '' })
    const bootstrap = join(app.folder, 'bootstrap/app.php')
    writeFileSync(bootstrap, readFileSync(bootstrap, 'utf8').replace('return Application', 'sleep(4);\n\nreturn Application'))
    const before = supervisor.log.length
    const end = () => /exited: revurb \(exit status .*\)/.exec(supervisor.log.slice(before))?.[0]
    expect(await supervisor.ctl('start', 'revurb')).toContain('revurb: started')
    expect(await until('Supervisor logs its end', end)).toBe('exited: revurb (exit status 78; expected)')
    await until('Supervisor reports it as EXITED', () => hasState('EXITED'))
  })
})

function owner(pid: number): string {
  return /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]!
}
