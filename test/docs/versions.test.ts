/** Versions are printed from one place, and the documentation has no other ones. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastTested, mentionable, recorded, required, tested } from '../../bin/lib/versions.ts'
import { all, at, root } from './support/pages.ts'

setDefaultTimeout(60_000)

/** Versions with a meaning of their own, and where they may stand. */
const others: Readonly<Record<string, string>> = {
  'Laravel 10': 'the last version whose configuration has other names',
  'Redis 6': 'the first version with users',
  'redis:8': 'an example of another Redis for the tests',
}

/** The comparison with other servers has the versions of its own day; the generated pages are checked elsewhere. */
const free = ['docs/comparison.md', 'docs/tested-with.md']

const mention = new RegExp(
  `(?<![\\w@/-])(${Object.keys(mentionable).join('|')})(?:'s)? \\(?v?(\\d+(?:\\.\\d+)*)(?![\\w%]|,\\d|\\.\\d|-alpine)`,
  'g',
)
const image = /\b(?:oven\/)?(bun|php|redis):(\d+(?:\.\d+)*)/g

describe('Versions', () => {
  test('docs/tested-with.md is what make tested-with writes', () => {
    const { exitCode, stderr } = Bun.spawnSync([process.execPath, join(root, 'bin/tested-with.ts'), '--check'])
    expect(stderr.toString()).toBe('')
    expect(exitCode).toBe(0)
  })

  test('the versions in the tests are within what is required', () => {
    expect(Object.keys(lastTested.versions)).toEqual(Object.keys(tested))
    expect(required.laravel).toContain(lastTested.versions.Laravel!.split('.')[0]!)
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    for (const [name, range] of Object.entries<string>(devDependencies))
      if (name in lastTested.versions) expect(Bun.semver.satisfies(lastTested.versions[name]!, range), name).toBe(true)
    expect(Bun.semver.satisfies(lastTested.versions.Bun!, `>=${required.bun}`)).toBe(true)
    expect(Bun.semver.satisfies(lastTested.versions.PHP!, `>=${required.php}`)).toBe(true)
    expect(Bun.semver.satisfies(recorded.bun, `>=${required.bun}`)).toBe(true)
  })

  test('the packages of npm in the tests are those of package-lock.json', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
    const { Bun: bun, ...others } = lastTested.versions
    for (const [name, version] of Object.entries({ bun, ...others }))
      if (`node_modules/${name}` in packages) expect(packages[`node_modules/${name}`].version, name).toBe(version)
    expect(packages).toHaveProperty(['node_modules/bun', 'version'])
  })

  test.each(all.filter(({ file }) => !free.includes(file)).map(page => [page.file, page] as const))(
    '%s has no other version of what is tested, recorded or measured',
    (_, page) => {
      const faults = readFileSync(join(root, page.file), 'utf8')
        .split('\n')
        .flatMap((line, i) =>
          [...line.matchAll(mention), ...line.matchAll(image)]
            .filter(([text, name, version]) => isVersion(name!, version!) && !(text in others) && !isKnown(name!, version!))
            .map(([text]) => `${at(page, { line: i + 1 })}: ${text}`),
        )
      expect(faults).toEqual([])
    },
  )

  test('a version that is not in the list is found', () => {
    expect('Reverb 9.9, PHP 8.2 and Bun 1.4'.match(mention)).toEqual(['Reverb 9.9', 'PHP 8.2', 'Bun 1.4'])
    expect([isKnown('Reverb', '9.9'), isKnown('PHP', '8.2'), isKnown('bun', '1.4')]).toEqual([false, true, true])
  })
})

/** Some are named by their first number; that of the others is a figure. */
function isVersion(name: string, version: string): boolean {
  return version.includes('.') || ['Laravel', 'PHP', 'Redis', 'redis', 'php'].includes(name)
}

function isKnown(name: string, version: string): boolean {
  const key = Object.keys(mentionable).find(known => known.toLowerCase() === name.toLowerCase())!
  return mentionable[key]!.some(
    known => known === version.replace(/\.0$/, '') || known === version || known.startsWith(`${version}.`),
  )
}
