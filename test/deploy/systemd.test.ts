/** The unit that `reverb:install --stubs=systemd` writes, checked by systemd-analyze and run by a real systemd. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { outcome } from '../support/child-process.ts'
import { Client } from '../support/client.ts'
import { DeployedApp } from '../support/deployed-app.ts'
import { commandLine, runs } from '../support/processes.ts'
import { cannotRun, missingProgram } from '../support/requirements.ts'
import { until } from '../support/until.ts'
import { ReconnectingClients } from './support/reconnecting-clients.ts'
import { Systemd, withoutSystemd } from './support/systemd.ts'

setDefaultTimeout(180_000)

describe.skipIf(cannotRun('systemd’s own checks of the unit', missingProgram('systemd-analyze', 'systemd')))(
  'the unit for systemd',
  () => {
    test('passes systemd-analyze verify, and has a low exposure', async () => {
      await using app = await DeployedApp.make()
      await app.install('systemd')
      const unit = app.file('systemd/revurb.service')

      expect(await outcome(['systemd-analyze', 'verify', unit])).toEqual({ code: 0, output: '' })
      // A service without any protection has 96.
      expect((await outcome(['systemd-analyze', 'security', '--offline=true', '--threshold=20', unit])).code).toBe(0)
    })
  },
)

describe.skipIf(cannotRun('the unit under a systemd', withoutSystemd))('the unit under a systemd', () => {
  let app: DeployedApp
  let systemd: Systemd

  beforeAll(async () => {
    // PrivateTmp: the unit would not find an application in /tmp.
    app = await DeployedApp.make({ within: '/srv' })
    await app.install('systemd')
    systemd = await Systemd.started(join(app.scratch, 'systemd'))
    // The command in the file's first comment.
    cpSync(app.file('systemd/revurb.service'), join(systemd.units, 'revurb.service'))
    await systemd.ctl('daemon-reload')
    // `systemctl start` returns when the server has reported that it is ready (Type=notify).
    await systemd.ctl('enable', '--now', 'revurb')
    expect(await app.isUp()).toBe(true)
  })

  afterAll(async () => {
    await systemd?.stop()
    await app?.[Symbol.asyncDispose]()
  })

  const pids = () => systemd.pids('revurb')
  const state = () => systemd.property('revurb', 'ActiveState')

  test('runs as the owner of the application, without privileges', async () => {
    const [artisan, server] = await pids()
    expect(await state()).toBe('active')
    expect(commandLine(artisan!)).toContain(`${app.folder}/artisan reverb:start`)
    expect(commandLine(server!)).toContain('revurb.js')
    for (const pid of await pids()) {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      expect(status).toMatch(/^CapBnd:\s+0+$/m)
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m)
      expect(status).toMatch(
        new RegExp(String.raw`^Uid:\s+${Bun.spawnSync(['id', '-u', app.user]).stdout.toString().trim()}\s`, 'm'),
      )
    }
  })

  test('an event that Laravel publishes is delivered', async () => {
    const client = await Client.connected(app.port)
    await client.subscribe('room')
    await app.artisan('say', 'hello')
    expect(await client.next()).toMatchObject({ channel: 'room', data: '{"text":"hello"}' })
    client.close()
  })

  test('systemctl restart closes the sockets', async () => {
    const before = await pids()
    const client = await Client.connected(app.port)
    await systemd.ctl('restart', 'revurb')
    expect((await client.closed).code).toBe(1001)
    expect(await app.isUp()).toBe(true)
    expect(before.filter(runs).map(commandLine)).toEqual([])
  })

  test('systemctl restart is finished before clients make their first attempt to reconnect', async () => {
    using clients = await ReconnectingClients.of(app, 20)
    expect(await clients.reconnectAfter(() => systemd.ctl('restart', 'revurb'))).toMatchObject({ attempts: 20, errors: [] })
  })

  test('the restart after artisan was killed is finished before clients make their first attempt to reconnect', async () => {
    expect(await systemd.property('revurb', 'RestartUSec')).toBe('0')
    using clients = await ReconnectingClients.of(app, 20)
    const [artisan] = await pids()
    expect((await clients.reconnectAfter(() => process.kill(artisan!, 'SIGKILL'))).attempts).toBe(20)
  })

  test('reverb:restart serves the new release after a deployment, in the same process', async () => {
    const [artisan, before] = await pids()
    const client = await Client.connected(app.port)
    app.release('2', { REVERB_APP_KEY: 'key-of-release-2' })
    rmSync(join(app.scratch, 'releases/1'), { recursive: true })

    await app.artisan('reverb:restart')
    expect((await client.closed).code).toBe(4200)
    await until('the old server has ended', () => !runs(before!))
    expect((await pids())[0]).toBe(artisan!)
    expect(await state()).toBe('active')
    expect((await Client.connected(app.port, { key: 'key-of-release-2' })).socketId).not.toBe('')
  })

  test('a killed artisan process is started again, and leaves no server behind', async () => {
    const before = await pids()
    process.kill(before[0]!, 'SIGKILL')
    await until('another one is up', async () => !before.some(runs) && (await state()) === 'active')
    expect(await app.isUp()).toBe(true)
  })

  test('systemctl stop leaves no process behind', async () => {
    const before = await pids()
    await systemd.ctl('stop', 'revurb')
    expect(await state()).toBe('inactive')
    expect(await systemd.property('revurb', 'Result')).toBe('success')
    expect(before.filter(runs).map(commandLine)).toEqual([])
  })

  test('a wrong configuration is not started again', async () => {
    app.release('3', { REVERB_APP_SECRET: '' })
    expect((await systemd.outcome('start', 'revurb')).code).toBe(1)
    expect(await state()).toBe('failed')
    expect(await systemd.property('revurb', 'ExecMainStatus')).toBe('78')
  })
})
