/** Blocks that are marked as runnable name an environment that there is; those of data and code are parsed, bundled and resolved. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { outcome } from '../support/child-process.ts'
import { parsePage } from '../support/markdown.ts'
import { blocksFor, environments, marked, played } from './support/environments.ts'
import { all, root } from './support/pages.ts'

setDefaultTimeout(60_000)

/** Options of a mark, beside its environment. */
const options = /^(?:background|exit \d+|file: [\w./-]+)$/

/** Those whose options have an effect. */
const takesOptions: readonly string[] = [...played, 'php', 'js']

describe('Marks', () => {
  test('every mark names an environment that there is, and options that it has', () => {
    const faults = all.flatMap(page =>
      page.blocks.flatMap(({ run, line }) => {
        if (run === undefined) return []
        const unknown = run.options.filter(option => !options.test(option) || !takesOptions.includes(run.environment))
        if (!environments.includes(run.environment)) unknown.push(run.environment)
        return unknown.map(name => `${page.file}:${line}: ${name}`)
      }),
    )
    expect(faults).toEqual([])
  })

  test('every mark stands in front of a block', () => {
    const faults = all.flatMap(({ file }) => {
      const source = textOf(file)
      return source.flatMap((line, i) =>
        /<!--\s*(?:run:|output)/.test(line) && !/^(?:\s|>)*(?:`{3,}|~{3,})/.test(source[i + 1] ?? '') ? [`${file}:${i + 1}`] : [],
      )
    })
    expect(faults.filter(place => !place.startsWith('CONTRIBUTING.md'))).toEqual([])
  })

  test('a block is read with its language, its mark and its output', () => {
    const page = parsePage(
      'x.md',
      '1. a\n\n   <!-- run: app, background -->\n   ```sh\n   x\n   ```\n\n   <!-- output -->\n   ```\n   y\n   ```\n',
    )
    expect(marked(page)).toEqual([
      { text: 'x', line: 4, language: 'sh', run: { environment: 'app', options: ['background'] }, from: 3, output: 'y' } as never,
    ])
  })
})

describe('Data', () => {
  test.each(blocksFor('json').map(({ place, block }) => [place, block] as const))('%s is JSON', (_, { text }) => {
    expect(() => JSON.parse(text)).not.toThrow()
  })

  test.each(blocksFor('yaml').map(({ place, block }) => [place, block] as const))('%s is YAML', (_, { text }) => {
    expect(() => Bun.YAML.parse(text)).not.toThrow()
  })
})

describe('JavaScript', () => {
  let folder: string
  beforeAll(() => {
    // Within the checkout: its packages are those of the snippets.
    mkdirSync(join(root, '.cache'), { recursive: true })
    folder = mkdtempSync(join(root, '.cache/docs-js-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each(blocksFor('js').map(({ place, block }) => [place, block] as const))(
    '%s can be bundled',
    async (place, { text, language }) => {
      const entry = join(folder, `${place.replaceAll(/\W/g, '-')}.${/^(?:jsx|tsx|ts)$/.test(language) ? language : 'js'}`)
      writeFileSync(entry, text)
      const built = await Bun.build({ entrypoints: [entry], target: 'browser', external: ['./*', '../*', '@/*'], throw: false })
      expect(built.logs.map(String)).toEqual([])
      expect(built.success).toBe(true)
    },
  )
})

describe('PHP', () => {
  test('every snippet parses, and its classes, functions and static methods exist', async () => {
    const snippets = blocksFor('php').map(({ place, block }) => ({ place, text: block.text }))
    expect(await faultsOf(snippets)).toEqual([])
  })

  test('what does not parse or exist is found', async () => {
    const faults = await faultsOf([
      { place: 'a:1', text: 'use Illuminate\\Support\\Facades\\Broadcast;\n\nBroadcast::nothing();' },
      { place: 'b:1', text: 'return [' },
      {
        place: 'c:1',
        text: 'use Illuminate\\Support\\Facades\\Event;\n\nEvent::listen(\\Revurb\\Nothing::class, nothing(...));',
      },
      { place: 'd:1', text: "use Illuminate\\Support\\Facades\\Route;\n\nRoute::get('/', fn () => config('app.name'));" },
    ])
    expect(faults.map(fault => fault.split(':')[0])).toEqual(['a', 'b', 'c', 'c'])
  })
})

async function faultsOf(snippets: { place: string; text: string }[]): Promise<string[]> {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const file = join(mkdtempSync(join(root, '.cache/docs-php-')), 'snippets.json')
  try {
    writeFileSync(file, JSON.stringify(snippets))
    const { code, output } = await outcome(['php', join(import.meta.dir, 'support/check-php.php'), file], { cwd: root })
    if (code !== 0) throw new Error(output)
    return JSON.parse(output) as string[]
  } finally {
    rmSync(join(file, '..'), { recursive: true, force: true })
  }
}

function textOf(file: string): string[] {
  return readFileSync(join(root, file), 'utf8').split('\n')
}
