#!/usr/bin/env bun
/**
 * Records in `reverb.json` the outcomes for clients and publishers of the real Laravel Reverb in every shape. `REVERB_APP` names a
 * Laravel application that has `laravel/reverb` in its `vendor`; nothing in it is changed.
 */
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ConfiguredApp } from '../support/laravel/configured-app.ts'
import type { Outcome } from '../support/laravel/shape.ts'
import { probe, refusedOutcome } from './probe.ts'
import { shapes } from './shapes.ts'

const source = process.env.REVERB_APP
if (source === undefined) throw new Error('Set REVERB_APP to a Laravel application that has laravel/reverb installed.')

const recorded: Record<string, Outcome> = {}
for (const shape of shapes) {
  await using app = await ConfiguredApp.make(shape, { vendor: resolve(source, 'vendor') })
  const server = await app.start()
  const outcome = server.serves ? await probe(app.port, shape) : refusedOutcome
  await server.stop()
  recorded[shape.name] = outcome
  console.log(`${shape.name}: ${JSON.stringify(outcome)}`)
}
writeFileSync(join(import.meta.dir, 'reverb.json'), `${JSON.stringify(recorded, null, 2)}\n`)
