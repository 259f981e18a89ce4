/**
 * A release as its user gets it: the archive of what `bin/release` writes, required by a Laravel application that is nowhere
 * near this checkout, with nothing but Bun beside it.
 */
import { afterAll, expect, test } from 'bun:test'
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { archiveOf } from '../../bin/lib/release/package.ts'
import { version } from '../../package.json'
import { freePort } from '../support/ports.ts'

const root = join(import.meta.dir, '../..')
const scratch = mkdtempSync(join(tmpdir(), 'revurb-release-'))
const app = join(scratch, 'app')
const port = await freePort()
const children: Bun.Subprocess[] = []

afterAll(async () => {
  for (const child of children) {
    child.kill()
    await child.exited
  }
  rmSync(scratch, { recursive: true, force: true })
})

test('a released package serves a broadcast in a new application', async () => {
  await run(['bin/release', join(scratch, 'package')], root)
  mkdirSync(join(scratch, 'archives'))
  writeFileSync(join(scratch, 'archives/revurb.zip'), archiveOf(join(scratch, 'package'), new Date('2026-11-29T12:00:00Z')))

  await makeApplication()
  const about = artisan('about', '--only=revurb', '--json')
  expect(JSON.parse(await new Response(about.stdout).text()).revurb.version).toBe(version)
  expect(existsSync(join(app, 'config/reverb.php'))).toBe(true)

  const server = artisan('reverb:start', `--port=${port}`)
  const banner = await lineWith(server, 'Starting server')
  expect(banner).toContain(`Starting server on 0.0.0.0:${port}`)

  const room = await subscriber('room')
  const said = artisan('say', 'hello')
  expect(await said.exited).toBe(0)
  const event = await room.next()
  expect(event).toEqual({ event: 'App\\Events\\Said', channel: 'room', data: '{"text":"hello"}' })

  room.close()
  server.kill('SIGTERM')
  expect(await server.exited).toBe(0)
}, 300_000)

async function makeApplication(): Promise<void> {
  cpSync(join(import.meta.dir, 'app'), app, { recursive: true })
  for (const directory of ['storage/framework/cache/data', 'storage/framework/views', 'storage/logs', 'config', 'bin'])
    mkdirSync(join(app, directory), { recursive: true })
  symlinkSync(realpathSync(process.execPath), join(app, 'bin/bun'))
  writeFileSync(join(app, '.env'), `APP_KEY=base64:${btoa('0'.repeat(32))}\nCACHE_STORE=file\nREVERB_PORT=${port}\n`)
  writeFileSync(
    join(app, 'composer.json'),
    JSON.stringify({
      require: { 'laravel/framework': '^12.0', 'revurb/revurb': `^${version}` },
      autoload: { 'psr-4': { 'App\\': 'app/' } },
      repositories: [
        { type: 'artifact', url: join(scratch, 'archives') },
        { type: 'path', url: join(root, 'test/stand-ins/*'), canonical: false },
      ],
      scripts: {
        'post-autoload-dump': ['Illuminate\\Foundation\\ComposerScripts::postAutoloadDump', '@php artisan package:discover'],
      },
      'minimum-stability': 'stable',
      'prefer-stable': true,
    }),
  )
  await run(['composer', 'update', '--no-interaction', '--no-progress', '--quiet'], app)
  await run(['php', 'artisan', 'reverb:install', '--no-interaction'], app)
}

/** A machine path on which there is Bun, and none of this checkout's tools. */
function environment(): Record<string, string> {
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter(directory => !directory.startsWith(root) && !directory.includes('node_modules'))
  return {
    PATH: [join(app, 'bin'), ...path].join(delimiter),
    HOME: scratch,
    COMPOSER_HOME: process.env.COMPOSER_HOME ?? join(process.env.HOME ?? '', '.config/composer'),
    COMPOSER_ALLOW_SUPERUSER: '1',
  }
}

function artisan(...args: string[]) {
  const child = Bun.spawn(['php', 'artisan', ...args], {
    cwd: app,
    env: environment(),
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  children.push(child)
  return child
}

async function run(command: string[], directory: string): Promise<void> {
  const child = Bun.spawn(command, {
    cwd: directory,
    env: existsSync(app) ? environment() : process.env,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [output, errors, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${output}${errors}`)
}

/** The first line of the output that contains the text. */
async function lineWith(child: ReturnType<typeof artisan>, text: string): Promise<string> {
  const decoder = new TextDecoder()
  const reader = child.stdout.getReader()
  let output = ''
  for (;;) {
    const { done, value } = await reader.read()
    output += decoder.decode(value, { stream: true })
    const line = output.split('\n').find(candidate => candidate.includes(text))
    if (line !== undefined) {
      reader.releaseLock()
      return line
    }
    if (done) throw new Error(`the server ended before it said "${text}":\n${output}`)
  }
}

/** A socket that is subscribed to a channel, and queues events. */
async function subscriber(channel: string) {
  const key = /^REVERB_APP_KEY=(.*)$/m.exec(await Bun.file(join(app, '.env')).text())![1]!
  const socket = new WebSocket(`ws://127.0.0.1:${port}/app/${key}?protocol=7`)
  const queue: object[] = []
  const waiting: ((event: object) => void)[] = []
  socket.onmessage = ({ data }) => {
    const event = JSON.parse(String(data)) as object
    const waiter = waiting.shift()
    if (waiter === undefined) queue.push(event)
    else waiter(event)
  }
  const next = () =>
    new Promise<object>(resolve => {
      const event = queue.shift()
      if (event === undefined) waiting.push(resolve)
      else resolve(event)
    })
  expect(await next()).toMatchObject({ event: 'pusher:connection_established' })
  socket.send(JSON.stringify({ event: 'pusher:subscribe', data: { channel } }))
  expect(await next()).toMatchObject({ event: 'pusher_internal:subscription_succeeded' })
  return { next, close: () => socket.close() }
}
