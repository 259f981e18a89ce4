/** The output for each fault in the table: of `reverb:start --check`, `reverb:start` and `reverb:doctor`. */
import { describe, expect, test } from 'bun:test'
import { ConfiguredApp } from '../support/laravel/configured-app.ts'
import { doctor, packages, secondsPerApp } from '../support/laravel/revurb.ts'
import { until } from '../support/until.ts'
import type { Fault } from './fault.ts'
import { faults } from './faults.ts'

describe.concurrent('reverb:start --check, reverb:start and reverb:doctor name the fault and its place when', () => {
  for (const fault of faults) test(fault.name, () => play(fault), { timeout: secondsPerApp * 1000 })
})

async function play(fault: Fault): Promise<void> {
  await using app = await ConfiguredApp.make(fault, packages)
  using _ = await fault.cause?.(app)

  const check = await app.run('reverb:start', '--check')
  expect(check.output).toContain(app.fill(fault.check.contains))
  expect(check.code, check.output).toBe(fault.check.code)

  const server = await app.start()
  if ('serves' in fault.start) {
    const line = app.fill(fault.start.serves)
    expect(server.serves, server.output()).toBe(true)
    await until(`reverb:start prints "${line}"`, () => server.output().includes(line))
  }
  const { checks } = await doctor(app)
  await server.stop()
  if (!('serves' in fault.start)) {
    const contains = app.fill(fault.start.contains)
    expect(
      server
        .output()
        .split('\n')
        .filter(line => line.includes(contains)),
      server.output(),
    ).toHaveLength(1)
    expect(await server.code, server.output()).toBe(fault.start.code)
  }

  const { check: name, status, code, contains } = fault.doctor
  const finding = checks.find(found => found.name === name)
  expect(finding, JSON.stringify(checks)).toMatchObject({ status, code })
  expect(`${finding!.detail} → ${finding!.fix}`).toContain(app.fill(contains))
}
