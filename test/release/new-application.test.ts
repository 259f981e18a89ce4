/**
 * The lines of the README, followed word by word in a new Laravel application, until a browser and pusher-js have received an
 * event. Nothing but the source of the package, the archive with Bun and the ports are this test's.
 */
import { afterAll, expect, test } from 'bun:test'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Pusher from 'pusher-js'
import { launchBrowser } from '../support/browser.ts'
import { freePort } from '../support/ports.ts'
import { cannotRun } from '../support/requirements.ts'
import { timeoutSeconds, until } from '../support/until.ts'

const root = join(import.meta.dir, '../..')
const skeleton = ['laravel/laravel', '^12.0'] as const
const scratch = mkdtempSync(join(tmpdir(), 'revurb-new-'))
const app = join(scratch, 'app')
const archive = join(scratch, 'bun.tgz')
const children: Bun.Subprocess[] = []

/** Some mirrors of Packagist do not have the skeleton. */
const withoutSkeleton: string | false =
  Bun.spawnSync(composer('show', '--all', ...skeleton), { cwd: scratch, env: environment() }).exitCode !== 0 &&
  `Packagist has no ${skeleton.join(' ')} here`

afterAll(async () => {
  for (const child of children) {
    child.kill()
    await child.exited
  }
  rmSync(scratch, { recursive: true, force: true })
})

test.skipIf(cannotRun('the README in a new application', withoutSkeleton))(
  'the list of the README leads to a received event',
  async () => {
    const [port, web] = [await freePort(), await freePort()]
    await newApplication()
    appendFileSync(join(app, '.env'), `\nREVERB_PORT=${port}\nREVERB_SERVER_PORT=${port}\n`)

    const [[require, install, start], [event]] = blocks('## Use it', 'sh') as [string[], string[]]
    const [[listener]] = blocks('## Use it', 'js') as [string[]]
    await run(['sh', '-c', require!], app)
    const installed = await inTerminal(install!)

    // It ends with the other lines of the README.
    expect(installed).not.toContain('To do first')
    const printed = installed.slice(installed.indexOf('Next:'))
    for (const line of [start!, listener!, event!]) expect(printed).toContain(`    ${line}\n`)
    expect(printed).toContain('The console shows "It works".')
    expect(existsSync(join(app, 'node_modules/bun'))).toBe(false)

    const again = await inTerminal(install!)
    expect(again).not.toContain('?')
    expect(again.slice(again.indexOf('Next:'))).toBe(printed)

    const server = background(start!)
    await until('the server listens', () => answers(`http://127.0.0.1:${port}/up`))
    background(`php artisan serve --port=${web}`)
    await until('the site is served', () => answers(`http://127.0.0.1:${web}/up`))

    const browser = await launchBrowser()
    try {
      const page = await browser.newPage()
      const lines: string[] = []
      page.on('console', message => lines.push(message.text()))
      await page.goto(`http://127.0.0.1:${web}/`)
      await page.evaluate(listener!)
      await page.waitForFunction("Echo.connector.pusher.channel('demo').subscribed", undefined, {
        timeout: timeoutSeconds * 1000,
      })
      const key = /^REVERB_APP_KEY=(.+)$/m.exec(readFileSync(join(app, '.env'), 'utf8'))![1]!
      const client = await PusherClient.subscribed(key, port, 'demo', 'hello')

      await run(['sh', '-c', event!], app)

      expect(await client.received).toEqual({ text: 'It works' })
      await until('the event is in the console', () => lines.includes('It works'))
      client.disconnect()
    } finally {
      await browser.close()
    }

    server.kill('SIGTERM')
    expect(await server.exited).toBe(0)
  },
  600_000,
)

/** Creates an application as `composer create-project laravel/laravel` does, with the packages that this machine can get. */
async function newApplication(): Promise<void> {
  await run([join(root, 'bin/release'), join(scratch, 'package')], root)
  await archiveBun()
  await run(composer('create-project', '--no-install', '--no-scripts', skeleton[0], app, skeleton[1]), scratch)
  const repository = (name: string, value: object) => run(composer('config', `repositories.${name}`, JSON.stringify(value)), app)
  const versions = { 'revurb/revurb': '1.0.0' }
  await repository('revurb', { type: 'path', url: join(scratch, 'package'), options: { symlink: false, versions } })
  await repository('stand-ins', { type: 'path', url: join(root, 'test/stand-ins/*'), canonical: false })
  // Where the machine's configuration switches the lock file off, `composer require` fails when it has found a version.
  await run(composer('config', 'lock', 'true'), app)
  // Newer versions require a newer PHP than the skeleton.
  await run(composer('remove', '--dev', '--no-update', 'laravel/pint'), app)
  await run(['cp', '.env.example', '.env'], app)
  await run(composer('update', '--no-progress'), app)
  await run(composer('run-script', 'post-create-project-cmd'), app)
}

/** An archive as npm has it, from the Bun of this process, which is the one that a release is tested with. */
async function archiveBun(): Promise<void> {
  mkdirSync(join(scratch, 'archive/package/bin'), { recursive: true })
  await run(['cp', realpathSync(process.execPath), join(scratch, 'archive/package/bin/bun')], root)
  await run(['tar', '-C', join(scratch, 'archive'), '-czf', archive, 'package'], root)
}

/** The lines of each block of a section of the README that is in this language. */
function blocks(heading: string, language: string): string[][] {
  const text = readFileSync(join(root, 'README.md'), 'utf8')
  const section = text.slice(text.indexOf(`\n${heading}\n`) + 1).split(/\n(?=## )/)[0]!
  return [...section.matchAll(RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, lines]) => lines!.trim().split('\n'))
}

/** The output of a command in a terminal, without control sequences, where Enter is pressed at each of its questions. */
async function inTerminal(command: string): Promise<string> {
  const decoder = new TextDecoder()
  let [output, answered] = ['', 0]
  const child = Bun.spawn(['sh', '-c', command], {
    cwd: app,
    env: { ...environment(), TERM: 'xterm' },
    terminal: {
      cols: 120,
      data(terminal, data) {
        output += decoder.decode(data, { stream: true })
        // The choice that is not preselected is shown until Enter is pressed.
        for (const asked = output.split('○ No').length - 1; answered < asked; answered++) terminal.write('\r')
      },
    },
  })
  const code = await child.exited
  child.terminal?.close()
  const text = Bun.stripANSI(output).replaceAll('\r', '')
  if (code !== 0) throw new Error(`${command} ended with ${code}:\n${text}`)
  return text
}

function composer(...args: string[]): string[] {
  return ['composer', '--no-interaction', '--no-ansi', ...args]
}

/** A PATH without this checkout's tools: the README installs what is needed. */
function environment(): Record<string, string> {
  const path = (process.env.PATH ?? '').split(':').filter(directory => !directory.includes('node_modules'))
  return {
    PATH: path.join(':'),
    HOME: scratch,
    LANG: 'C.UTF-8',
    COMPOSER_HOME: process.env.COMPOSER_HOME ?? join(process.env.HOME ?? '', '.config/composer'),
    COMPOSER_ALLOW_SUPERUSER: '1',
    // In place of github.com, which not every network reaches.
    REVURB_BUN_MIRROR: archive,
    ...kept('npm_config_registry', 'NPM_CONFIG_REGISTRY', 'NPM_CONFIG_USERCONFIG', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'),
    ...(process.env.NPM_CONFIG_USERCONFIG === undefined && { NPM_CONFIG_USERCONFIG: join(process.env.HOME ?? '', '.npmrc') }),
  }
}

function kept(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap(name => (process.env[name] === undefined ? [] : [[name, process.env[name]!]])))
}

async function run(command: string[], directory: string): Promise<string> {
  const child = Bun.spawn(command, { cwd: directory, env: environment(), stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const [output, errors, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${output}${errors}`)
  return output
}

function background(command: string): Bun.Subprocess {
  const child = Bun.spawn(['sh', '-c', `exec ${command}`], {
    cwd: app,
    env: environment(),
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'ignore',
  })
  children.push(child)
  return child
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(20_000) })).ok
  } catch {
    return false
  }
}

class PusherClient {
  private constructor(
    private readonly pusher: Pusher,
    readonly received: Promise<unknown>,
  ) {}

  static async subscribed(key: string, port: number, name: string, event: string): Promise<PusherClient> {
    const pusher = new Pusher(key, {
      cluster: '',
      wsHost: 'localhost',
      wsPort: port,
      forceTLS: false,
      enabledTransports: ['ws'],
      disableStats: true,
    })
    const channel = pusher.subscribe(name)
    const received = new Promise(resolve => channel.bind(event, resolve))
    await until('pusher-js is subscribed', () => channel.subscribed)
    return new PusherClient(pusher, received)
  }

  disconnect(): void {
    this.pusher.disconnect()
  }
}
