import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'

const folder = join(import.meta.dir, '../../src/core')
const sources = [...new Glob('*.ts').scanSync(folder)]
  .sort()
  .map(file => [file, readFileSync(join(folder, file), 'utf8')] as const)

/** The files whose functions other folders call. */
const entryPoints = ['deferred.ts', 'hub.ts', 'replica.ts']

describe('the convention of effect.ts', () => {
  test('is that only functions that other folders call return a list of effects', () => {
    const returning = sources.filter(([, text]) => /\): (?:Effect\[\]|\{ effects: Effect\[\])/.test(text)).map(([file]) => file)
    expect(returning).toEqual(entryPoints)
    const hub = sources.find(([file]) => file === 'hub.ts')![1]
    expect([...hub.matchAll(/private \w+\([^)]*\): Effect\[\]/g)]).toEqual([])
  })

  test.each(sources)('is that a function of %s to which a list is passed has it as its last parameter', (_, text) => {
    const lists = [
      ...text.matchAll(/\(((?:[^()]|\([^()]*\))*\beffects: Effect\[\](?:[^()]|\([^()]*\))*)\)(?=: void| =>|: boolean)/g),
    ]
    for (const [, parameters] of lists) expect(parameters!.trim().replace(/,$/, '')).toEndWith('effects: Effect[]')
  })
})
