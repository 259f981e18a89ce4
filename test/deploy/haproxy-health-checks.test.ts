/** Common configurations of HAProxy's health checks, against the server. */
import { expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../support/ports.ts'
import { cannotRun } from '../support/requirements.ts'
import { TestServer } from '../support/server.ts'
import { until } from '../support/until.ts'
import { runHaproxy, withoutHaproxy } from './support/haproxy.ts'

setDefaultTimeout(180_000)

const checks: Record<string, readonly [lines: string, answer: string]> = {
  bare: ['option httpchk', '204'],
  path: ['option httpchk GET /up', '200'],
  ready: ['option httpchk HEAD /ready', '200'],
  current: ['option httpchk\n  http-check send meth GET uri /up ver HTTP/1.1 hdr Host localhost', '200'],
}

test.skipIf(cannotRun('health checks of HAProxy', withoutHaproxy))(
  'every health check of HAProxy finds the server up',
  async () => {
    await using server = new TestServer()
    const port = await freePort()
    const folder = mkdtempSync(join(tmpdir(), 'revurb-checks-'))
    const backends = Object.entries(checks).map(
      ([name, [lines]]) => `backend ${name}\n  ${lines}\n  server revurb 127.0.0.1:${server.port} check inter 200ms\n`,
    )
    const haproxy = await runHaproxy(
      folder,
      port,
      `listen stats\n  bind 127.0.0.1:${port}\n  stats uri /\n\n${backends.join('\n')}`,
    )
    try {
      for (const [name, [, answer]] of Object.entries(checks)) {
        const check = await until(`a result of the check ${name}`, () => resultOf(port, name))
        expect(check).toEqual({ status: 'UP', result: 'L7OK', answer })
      }
      expect(server.refusals).toEqual([])
    } finally {
      await haproxy.stop()
      rmSync(folder, { recursive: true })
    }
  },
)

/** The result for the server of a backend, once it was checked. */
async function resultOf(port: number, backend: string) {
  const [head, ...rows] = (await (await fetch(`http://127.0.0.1:${port}/;csv`)).text()).replace('# ', '').split('\n')
  const names = head!.split(',')
  const row = rows.map(line => line.split(',')).find(([of, name]) => of === backend && name === 'revurb')!
  const value = (name: string) => row[names.indexOf(name)]!
  const isChecked = /^[^* ]/.test(value('check_status')) && value('check_status') !== 'INI'
  return isChecked && { status: value('status'), result: value('check_status'), answer: value('check_code') }
}
