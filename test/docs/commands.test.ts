/** Every command in the documentation exists, with its options. */
import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse as benchOptions, usage as benchUsage } from '../../bench/options.ts'
import { check } from '../../src/cli/check.ts'
import { health } from '../../src/cli/health.ts'
import { start } from '../../src/cli/start.ts'
import type { Page } from '../support/markdown.ts'
import { type Command, commandsOn, optionsOf } from './support/commands.ts'
import { all, at, inside, root } from './support/pages.ts'

const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** The options of each artisan command of the package, from its signature. */
const artisan = new Map(
  readdirSync(join(root, 'php-bridge/Console'))
    .flatMap(name => [...read(`php-bridge/Console/${name}`).matchAll(/\$signature = '([\w:-]+)([^']*)'/g)])
    .map(([, name, rest]) => [name!, [...rest!.matchAll(/\{--([\w-]+)/g)].map(match => match[1]!)]),
)

/** The options that answer the questions of `reverb:install`, in both directions. */
const answers = [...read('php-bridge/Console/Questions.php').matchAll(/public const [A-Z]+ = '([a-z]+)'/g)].flatMap(
  ([, name]) => [name!, `no-${name}`],
)
artisan.get('reverb:install')!.push(...answers)

/** Those that every artisan command has. */
const ofLaravel = ['ansi', 'env', 'help', 'no-ansi', 'no-interaction', 'quiet', 'silent', 'verbose', 'version']

const targets = [...read('Makefile').matchAll(/^([a-z-]+):/gm)].map(match => match[1]!)

/** The options of the tools behind `make TARGET VARIABLE="…"`, from what they print. */
const tools: Readonly<Record<string, { readonly script: string; readonly usage: string }>> = {
  attack: { script: 'test/attack/run.ts', usage: read('test/attack/options.ts') },
  bench: { script: 'bench/run.ts', usage: benchUsage },
  docs: { script: 'bin/docs.ts', usage: read('bin/docs.ts') },
  fuzz: { script: 'test/fuzz/run.ts', usage: read('test/fuzz/run.ts') },
  soak: { script: 'test/soak/run.ts', usage: read('test/soak/options.ts') },
}

/** Options that a page may name without their command. */
const ours = new Set([
  ...[...artisan.values()].flat(),
  ...Object.keys({ ...start.args, ...check.args, ...health.args }),
  ...[
    ...Object.values(tools).map(({ usage }) => usage),
    ...['test/compat/run.ts', 'test/compat/compare.ts', 'test/release/fresh-debian/run.ts'].map(read),
  ].flatMap(optionsIn),
])
const ofOthers: Readonly<Record<string, string>> = {
  'build-arg': 'docker build',
  header: 'php artisan queue:work',
  'no-interaction': 'every artisan command',
  'no-optional': 'npm',
  queue: 'php artisan queue:work',
  sysctl: 'docker',
  tag: 'php artisan vendor:publish',
}

const readme = all.find(({ file }) => file === 'README.md')!

const suites = [...read('test/run.ts').matchAll(/^\s*(?:\{ )?name: '([\w-]+)'/gm)].map(match => match[1]!)

describe.each(all.map(page => [page.file, page] as const))('The commands in %s', (_, page) => {
  test('every reverb: command of artisan exists, with its options', () => {
    const found = commandsOn(page, /(?:artisan )?(reverb:[a-z-]*[a-z])/)
    expect(
      found.flatMap(command => {
        const options = artisan.get(command.name)
        if (options === undefined) return [told(page, command, `there is no ${command.name}`)]
        return unknown(page, command, [...options, ...ofLaravel])
      }),
    ).toEqual([])
  })

  test('the server takes every option of its commands', () => {
    const subcommands = { start, check, health }
    const found = commandsOn(page, /(?:revurb|revurb\.js|dist\/revurb\.js) (start|check|health)/)
    expect(
      found.flatMap(command =>
        unknown(page, command, ['help', ...Object.keys(subcommands[command.name as keyof typeof subcommands].args!)]),
      ),
    ).toEqual([])
  })

  test('every target of make exists', () => {
    const found = commandsOn(page, /make ([a-z][a-z-]*)/)
    expect(
      found.flatMap(command => (targets.includes(command.name) ? [] : [told(page, command, `no make ${command.name}`)])),
    ).toEqual([])
  })

  test('every option of a tool exists', () => {
    const faults = Object.entries(tools).flatMap(([target, { script, usage }]) => {
      const known = optionsIn(usage)
      const variable = target.toUpperCase()
      const direct = commandsOn(page, new RegExp(script.replace('.', '\\.')))
      const made = commandsOn(page, new RegExp(`make ${target}`)).flatMap(({ words, ...command }) => {
        const given = words.find(word => word.startsWith(`${variable}=`))
        return given === undefined
          ? []
          : [
              {
                ...command,
                words: given
                  .slice(variable.length + 1)
                  .replaceAll('"', '')
                  .split(' '),
              },
            ]
      })
      return [...direct, ...made].flatMap(command => unknown(page, command, known))
    })
    expect(faults).toEqual([])
  })

  test('every option that stands alone is one of ours, or of a program that is named here', () => {
    const unknown = page.spans.filter(({ text }) => {
      const name = /^--([a-z][a-z-]*)/.exec(text)?.[1]
      return name !== undefined && !ours.has(name) && !(name in ofOthers)
    })
    expect(unknown.map(({ text, line }) => `${at(page, { line })}: ${text}`)).toEqual([])
  })

  // zsh, the shell of macOS, passes the words of a comment to the command, unless it runs a script.
  test('no artisan, Composer, npm or make command has a comment behind it', () => {
    const isForUsers = page.file === 'README.md' || page.file.startsWith('docs/')
    const typed = page.blocks.filter(({ language, text }) => language === 'sh' && !text.startsWith('#!'))
    const faults = typed.flatMap(({ line, text }) =>
      text
        .split('\n')
        .filter(command => /^(?:php artisan|composer|npm|make) .* # /.test(command))
        .map(command => `${line}: ${command}`),
    )
    expect(isForUsers ? faults : []).toEqual([])
  })

  test('every name behind --stubs has files in stubs/', () => {
    const named = [...page.spans, ...page.blocks].flatMap(({ text, line }) =>
      [...text.matchAll(/--stubs=([\w,-]+)/g)].flatMap(match => match[1]!.split(',').map(name => ({ name, line }))),
    )
    expect(named.filter(({ name }) => name !== 'all' && !existsSync(join(root, 'stubs', name)))).toEqual([])
  })
})

describe.each([...inside, readme].map(page => [page.file, page] as const))('The commands in %s', (_, page) => {
  test('every file and suite that a command names exists', () => {
    const paths = commandsOn(page, /(?:bun|bun test|phpunit|cat|sh|bash|php)/).flatMap(({ words, ...command }) =>
      words
        .filter(
          word => /^(?:bench|bin|demo|docs|php-bridge|src|stubs|test)\/[\w./-]+$/.test(word) && !existsSync(join(root, word)),
        )
        .map(word => told(page, { ...command, words }, `no ${word}`)),
    )
    const named = commandsOn(page, /test\/run\.ts/).flatMap(command =>
      command.words
        .filter(word => /^[a-z][a-z-]*$/.test(word) && !suites.includes(word))
        .map(word => told(page, command, `no suite ${word}`)),
    )
    expect([...paths, ...named]).toEqual([])
  })
})

test('the checks know the commands, the options, the targets and the suites', () => {
  expect([...artisan.keys()].sort()).toEqual(
    ['bun', 'config', 'doctor', 'install', 'restart', 'start', 'status'].map(name => `reverb:${name}`),
  )
  expect(artisan.get('reverb:start')).toContain('hostname')
  expect(targets).toContain('docs')
  expect(suites).toContain('docs')
  expect(typeof benchOptions(['--nothing'])).toBe('string')
})

test('CONTRIBUTING.md has a row for every suite, and no other', () => {
  const table = read('CONTRIBUTING.md')
    .split(/^## /m)
    .find(text => text.startsWith('Suites'))!
  const rows = [...table.matchAll(/^\| ((?:`[\w-]+`(?:, )?)+) \|/gm)]
  const named = rows.flatMap(([, cell]) => [...cell!.matchAll(/`([\w-]+)`/g)].map(match => match[1]!))
  expect(named.filter(name => !/^[A-Z]/.test(name)).toSorted()).toEqual(suites.toSorted())
})

/** The options in what a tool prints, or in its call of `parseArgs`. */
function optionsIn(text: string): string[] {
  return [...text.matchAll(/--([a-z][a-z-]*)|'?([a-z][a-z-]*)'?: \{ type:/g)].map(match => (match[1] ?? match[2])!)
}

function unknown(page: Page, command: Command, known: readonly string[]): string[] {
  return optionsOf(command)
    .filter(option => !known.includes(option))
    .map(option => told(page, command, `${command.name} has no --${option}`))
}

function told(page: Page, command: Command, what: string): string {
  return `${at(page, command)}: ${what}`
}
