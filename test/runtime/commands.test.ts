import { describe, expect, test } from 'bun:test'
import { appsOf } from '../../src/core/app.ts'
import type { Effect } from '../../src/core/effect.ts'
import { Hub } from '../../src/core/hub.ts'
import { execute } from '../../src/runtime/commands.ts'
import { jsonLog } from '../../src/runtime/log.ts'
import { Admin } from '../../src/server/admin.ts'
import { testApp } from '../support/apps.ts'

function commanded() {
  const hub = new Hub(appsOf([testApp()]))
  hub.open('s1', 'app-key', null, 0)
  const said: string[] = []
  const codes: string[] = []
  const applied: Effect[] = []
  const write = (line: string) => {
    const { level, code, message, context } = JSON.parse(line)
    codes.push(code)
    said.push(context === undefined ? `${level} ${message}` : `${level} ${message} ${JSON.stringify(context)}`)
  }
  const log = jsonLog(write, () => new Date(0), false)
  const executor = { apply: (effects: readonly Effect[]) => void applied.push(...effects) }
  const membership = { resync: () => void said.push('resync') }
  const parts = { hub, executor, membership, maxMessageBytes: 10_000, nowMs: () => 1 }
  const admin = new Admin(parts as unknown as ConstructorParameters<typeof Admin>[0])
  return { hub, said, codes, applied, run: (command: Parameters<typeof execute>[0]) => execute(command, admin, log) }
}

const app = { app_id: '1001', key: 'app-key', secret: 'app-secret' }

describe('commands for a socket', () => {
  test('send a message to it, and close it', () => {
    const { applied, run } = commanded()
    run({ command: 'send', app: '1001', socket: 's1', message: 'm' })
    run({ command: 'disconnect', app: '1001', socket: 's1' })
    expect(applied.map(({ type }) => type)).toEqual(['send', 'close'])
  })
})

test.each([undefined, { command: 'send', app: '9', socket: 's1', message: 'm' } as const])(
  '%j is not valid, is ignored and logged',
  command => {
    const { applied, said, run } = commanded()
    run(command)
    expect(applied).toEqual([])
    expect(said).toEqual(['warn A command on stdin was ignored: it is not valid, or names an unknown app'])
  },
)

describe('the command that replaces apps', () => {
  test('applies the new list, and logs how many were added and removed', () => {
    const { hub, applied, said, run } = commanded()
    run({
      command: 'apps',
      apps: [
        { ...app, app_id: '1002', key: 'k2' },
        { ...app, app_id: '1003', key: 'k3' },
      ],
    })
    expect([...hub.state.apps.byId.keys()]).toEqual(['1002', '1003'])
    expect(applied).toMatchObject([{ type: 'send' }, { type: 'close', close: { code: 4001 } }])
    expect(said).toEqual(['resync', 'info Applications reloaded {"apps":2,"added":2,"removed":1}'])
  })

  test.each<[unknown, string]>([
    [[], 'error apps.apps must be a list of at least one app'],
    [undefined, 'error apps.apps must be a list of at least one app'],
    [[{ ...app, key: '' }], 'error apps.apps.0.key (REVERB_APP_KEY) is missing'],
    [[app, app], 'error apps.apps.1.app_id is that of another app too'],
  ])('with the list %j is rejected with its fault', (apps, fault) => {
    const { hub, applied, said, run } = commanded()
    run({ command: 'apps', apps })
    expect([...hub.state.apps.byId.keys()]).toEqual(['1001'])
    expect(applied).toEqual([])
    expect(said[0]).toBe(fault)
    expect(said.at(-1)).toBe('error The apps were not changed: correct the faults above')
  })

  test('warns of unknown keys, and of what takes effect with the next restart', () => {
    const { said, run } = commanded()
    run({ command: 'apps', apps: [{ ...app, colour: 'red', max_message_size: 20_000 }] })
    expect(said).toEqual([
      'warn apps.apps.0.colour is not known and was ignored',
      'warn The max_message_size of app 1001 takes effect with the next reverb:restart',
      'resync',
      'info Applications reloaded {"apps":1,"added":0,"removed":0}',
    ])
  })

  test('marks the apps as unavailable, and warns, where they cannot be looked up', () => {
    const { hub, said, codes, run } = commanded()
    run({ command: 'apps-unreachable' })
    expect(hub.state.areAppsKnown).toBe(false)
    expect(said).toEqual([
      'warn The apps cannot be looked up: connections with an unknown key are closed with 4100, on which their clients reconnect',
    ])
    // That of the line about refused connections is another: apps-unreachable.
    expect(codes).toEqual(['apps-lookup-failed'])
  })
})
