/** The blocks that are marked `app`, `checkout` or `env`, as a reader runs them: those of a page in order, in one application. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { outcome } from '../support/child-process.ts'
import { type Page, parsePage } from '../support/markdown.ts'
import { RedisProcess } from '../support/redis-process.ts'
import { cannotRun } from '../support/requirements.ts'
import { timeoutSeconds } from '../support/until.ts'
import { Application, Templates, withoutNetwork, withoutRedis } from './support/application.ts'
import { type Marked, marked, played } from './support/environments.ts'
import { missingLine } from './support/output.ts'
import { all, root } from './support/pages.ts'

setDefaultTimeout(180_000)

/** How long a block may take that no option makes a background one. */
const seconds = 60
/** How long a page waits for what it shows of a server that has been started. */
const startSeconds = timeoutSeconds

const isSkipped = cannotRun('the blocks of the documentation', withoutNetwork, withoutRedis)
const found = all.filter(page => marked(page, played).length > 0)

/** Reads the settings, and has the server check what they are. */
const checked = `(
  cd ~/app
  php artisan reverb:config --show-secrets > ../document.json || { cat ../document.json; false; }
  bun --no-env-file vendor/revurb/revurb/dist/revurb.js check --config ../document.json
)`

const block = (mark: string, text: string) => `<!-- ${mark} -->\n\`\`\`\n${text}\n\`\`\`\n\n`

/** Pages that a mistake makes fail, and what is said of it. */
const mistakes = [
  ['a command that fails', block('run: app', 'echo one\nfalse\necho two'), /x\.md:2: [\s\S]*ended with 1:\none\n/],
  ['another output', block('run: app', 'echo one') + block('output', 'two'), /printed, without "two"/],
  ['another exit code', block('run: app, exit 2', 'exit 3'), /ended with 3/],
  ['a server that does not start', block('run: app, background', 'php artisan reverb:start --port=80a'), /is not ready/],
  ['a setting that is refused', block('run: env', 'REVERB_SERVER_PORT=80a'), /is refused/],
] as const

describe.concurrent('The runnable blocks', () => {
  let templates: Templates

  beforeAll(async () => {
    if (!isSkipped) templates = await Templates.make()
  }, 120_000)

  afterAll(() => templates?.[Symbol.dispose]())

  for (const page of found)
    test.skipIf(isSkipped)(`of ${page.file} do what the page shows`, () => play(page, templates), { timeout: 600_000 })

  test.skipIf(isSkipped)('share a directory and variables, and the second one may fail as shown', () =>
    play(
      parsePage(
        'x.md',
        block('run: app', 'cd app\nexport WORD=one') +
          block('run: app', 'echo "$WORD"\npwd\nexit 3') +
          block('output', 'one\n…/app/app') +
          block('run: app, exit 1', 'false'),
      ),
      templates,
    ),
  )

  test.skipIf(isSkipped)('of a contributor run in this repository', () =>
    play(parsePage('x.md', block('run: checkout', 'ls Makefile') + block('output', 'Makefile')), templates),
  )

  test.skipIf(isSkipped).each(mistakes)('with %s are found', async (_, source, fault) => {
    await expect(play(parsePage('x.md', source), templates)).rejects.toThrow(fault)
  })
})

test('there are pages with runnable blocks', () => {
  expect(found.length).toBeGreaterThan(10)
})

async function play(page: Page, templates: Templates): Promise<void> {
  const blocks = marked(page, [...played, 'php', 'js'])
  const installs = blocks.some(({ run, text }) => run.environment === 'app' && /reverb:install(?!.*--stubs)/.test(text))
  await using app = await Application.make(templates, !installs)
  await using _redis = blocks.some(({ text }) => /redis/i.test(text)) ? await redisIn(app) : undefined
  for (const block of blocks) {
    const fault = await faultOf(app, block)
    if (fault !== undefined) throw new Error(`${page.file}:${block.line}: ${fault}`)
  }
}

async function faultOf(app: Application, block: Marked): Promise<string | undefined> {
  switch (block.run.environment) {
    case 'app':
      return block.run.options.includes('background')
        ? inBackground(app, block)
        : inForeground(block, await app.play(block.text, seconds))
    case 'checkout':
      return inForeground(
        block,
        await outcome(['bash', '-e', '-o', 'pipefail', '-c', `exec 2>&1\n${block.text}`], { cwd: root, seconds }),
      )
    case 'env':
      return asEnvironment(app, block)
    default:
      asFile(app, block)
      return undefined
  }
}

/** A command may fail where the page shows what it prints then. */
function inForeground({ text, output, run }: Marked, ended: { code: number; output: string }): string | undefined {
  const code = run.options.map(option => /^exit (\d+)$/.exec(option)?.[1]).find(code => code !== undefined)
  const missing = output === undefined ? undefined : missingLine(output, ended.output)
  if (missing !== undefined) return `\n${text}\nprinted, without "${missing}":\n${ended.output}`
  if (code !== undefined ? ended.code !== Number(code) : ended.code !== 0 && output === undefined)
    return `\n${text}\nended with ${ended.code}:\n${ended.output}`
  return undefined
}

/** It is ready when it has printed what the page shows, or else when it listens. */
async function inBackground(app: Application, { text, output }: Marked): Promise<string | undefined> {
  const daemon = app.background(text)
  const port = /--port[= ](\d+)/.exec(text)?.[1] ?? (/\bserve\b/.test(text) ? '8000' : '8080')
  const isReady = () =>
    output === undefined ? app.listens(Number(port)) : missingLine(output, daemon.output, false) === undefined
  try {
    await daemon.until(isReady, startSeconds)
    return undefined
  } catch (error) {
    const missing = output === undefined ? `a listener on port ${port}` : missingLine(output, daemon.output, false)
    return `\n${text}\nis not ready, without "${missing}":\n${(error as Error).message}`
  }
}

/** Its lines take the place of those of .env, for the document that the server checks; the file stays as it is. */
async function asEnvironment(app: Application, { text }: Marked): Promise<string | undefined> {
  const before = app.read('.env')
  const names = [...text.matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map(match => match[1]!)
  const kept = before.split('\n').filter(line => !names.includes(line.split('=')[0]!))
  app.write('.env', `${kept.join('\n')}\n${text}\n`)
  const { code, output } = await app.play(checked)
  app.write('.env', before)
  return code === 0 && names.length > 0 ? undefined : `\n${text}\nis refused:\n${output}`
}

/** A class of the reader's application goes where Composer looks for it, so that later blocks use it. */
function asFile(app: Application, { text, run, language }: Marked): void {
  const named = run.options.map(option => /^file: (.*)$/.exec(option)?.[1]).find(file => file !== undefined)
  const [, namespace, name] =
    /^namespace App\\?([\w\\]*);[\s\S]*?^(?:(?:final|readonly|abstract) )*(?:class|enum) (\w+)/m.exec(text) ?? []
  if (named !== undefined) app.write(named, `${text}\n`)
  else if (language === 'php' && name !== undefined) {
    const file = join('app', namespace!.replaceAll('\\', '/'), `${name}.php`)
    if (text.startsWith('<?php')) app.write(file, `${text}\n`)
  }
}

async function redisIn(app: Application): Promise<RedisProcess> {
  const redis = new RedisProcess({ port: 6379, within: app.entering, readyText: 'Ready to accept connections' })
  await redis.start()
  return redis
}
