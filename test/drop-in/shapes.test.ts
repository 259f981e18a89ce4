/**
 * Every shape of `.env` and `config/reverb.php` in the table: `reverb:start`, `reverb:start --check` and `reverb:doctor` agree
 * with one another and with the outcome for a client and a publisher, and everything that the real Reverb delivers is delivered here.
 */
import { describe, expect, test } from 'bun:test'
import { ConfiguredApp } from '../support/laravel/configured-app.ts'
import { doctor, packages, type Report, secondsPerApp } from '../support/laravel/revurb.ts'
import type { Outcome, Shape } from '../support/laravel/shape.ts'
import { probe, refusedOutcome } from './probe.ts'
import recorded from './reverb.json'
import { shapes } from './shapes.ts'

const reverb: Readonly<Record<string, Outcome>> = recorded

describe.concurrent('A shape of .env and config/reverb.php', () => {
  for (const shape of shapes) {
    test(`${shape.name} is ${shape.expect.refused === undefined ? 'served' : 'refused with one sentence'}`, () => play(shape), {
      timeout: secondsPerApp * 1000,
    })
  }
})

test('The recordings of Reverb have every shape of the table and no other', () => {
  expect(Object.keys(reverb).sort()).toEqual(shapes.map(({ name }) => name).sort())
})

async function play(shape: Shape): Promise<void> {
  await using app = await ConfiguredApp.make(shape, packages)
  const check = await app.run('reverb:start', '--check', ...(shape.options ?? []).map(option => app.fill(option)))
  const server = await app.start()
  const outcome = server.serves ? await probe(app.port, shape) : refusedOutcome
  const report = await doctor(app)
  await server.stop()

  if (shape.expect.refused === undefined) {
    expect({ ...check, serves: outcome.serves, log: server.output() }).toMatchObject({ code: 0, serves: true })
    expect(check.output).toContain(shape.expect.warns ?? '')
    expect(outcome).toEqual(expectedOutcome(shape))
    expect(problemsOf(report), JSON.stringify(report)).toEqual([...(shape.expect.problems ?? [])])
  } else {
    expect({ serves: outcome.serves, check: check.code !== 0 }).toEqual({ serves: false, check: true })
    expect(server.output()).toContain(shape.expect.refused)
    expect(check.output).toContain(shape.expect.refused)
    expect(reverb[shape.name]!.publish, 'Reverb delivers what is refused here').not.toContain(', delivered')
    expect(problemsOf(report).length).toBeGreaterThan(0)
    expect(JSON.stringify(report.checks.filter(({ status }) => status === 'problem'))).toContain(shape.expect.refused)
  }
}

/** What Reverb delivers must be delivered; where it delivers nothing, the shape has the expected outcome. */
function expectedOutcome({ name, expect: { outcome } }: Shape): Outcome {
  return outcome ?? reverb[name]!
}

function problemsOf({ checks }: Report): string[] {
  return checks.filter(({ status }) => status === 'problem').map(({ name }) => name)
}
