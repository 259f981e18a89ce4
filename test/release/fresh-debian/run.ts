#!/usr/bin/env bun
/** The first five minutes with the package, in a container that has PHP and Composer, and neither Node nor Bun. See `usage`. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { launchBrowser } from '../../support/browser.ts'
import { outcome, run } from '../../support/child-process.ts'
import { Docker, withoutDocker } from '../../support/docker.ts'
import { freePort } from '../../support/ports.ts'
import { missingProgram } from '../../support/requirements.ts'
import { until } from '../../support/until.ts'

const usage = `bun test/release/fresh-debian/run.ts [--mirror URL] [--debian URL]

Builds the package, and a container from Debian's packages: PHP with the extensions that Laravel and its broadcasting
require, Composer, and nothing else.
In a Laravel application in it, runs the two commands of the README, starts the server, and publishes an event to a browser.
Prints what each command has printed, and how many seconds it took. Needs root, debootstrap, docker.io and chromium, and downloads
about 150 MB.

  --mirror URL   where Bun is downloaded from (REVURB_BUN_MIRROR), instead of GitHub
  --debian URL   where Debian's packages are downloaded from, instead of ${'http://deb.debian.org/debian'}
  --help

Exit code: 0 the browser has received the event, 1 it has not, 2 a wrong option, or something that this needs is missing.`

const root = join(import.meta.dir, '../../..')
const image = 'revurb-test/fresh-debian'
const container = 'fresh-debian'
const packages = ['ca-certificates', 'composer', 'php-cli', 'php-curl', 'php-mbstring', 'php-sqlite3', 'php-xml', 'unzip']
/** Certificates of authorities that this machine trusts, such as that of a proxy in front of the registries. */
const authorities = '/etc/ssl/certs/ca-certificates.crt'

process.exit(await main())

async function main(): Promise<number> {
  const options = parse()
  if (typeof options === 'string') {
    console.error(options)
    return 2
  }
  if (options.help) {
    console.log(usage)
    return 0
  }
  const missing = withoutDocker || missingProgram('debootstrap', 'debootstrap')
  if (missing) {
    console.error(`This cannot run here: ${missing}.`)
    return 2
  }
  const scratch = mkdtempSync(join(tmpdir(), 'revurb-fresh-'))
  const docker = await Docker.started(join(scratch, 'docker'))
  try {
    await makeImage(docker, scratch, options.debian)
    return await inContainer(docker, join(scratch, 'shared'), options.mirror)
  } finally {
    await docker.stop()
    // A container on the network of the machine leaves this mount.
    await outcome(['umount', join(scratch, 'docker/exec/netns/default')])
    rmSync(scratch, { recursive: true, force: true })
  }
}

function parse() {
  try {
    const { values } = parseArgs({
      options: {
        mirror: { type: 'string', default: '' },
        debian: { type: 'string', default: 'http://deb.debian.org/debian' },
        help: { type: 'boolean', default: false },
      },
    })
    return values
  } catch (error) {
    return `${(error as Error).message}\n\n${usage}`
  }
}

async function makeImage(docker: Docker, scratch: string, debian: string): Promise<void> {
  const system = join(scratch, 'system')
  console.log(`Installing ${packages.join(' ')} …`)
  await run(['debootstrap', '--variant=minbase', `--include=${packages.join()}`, 'bookworm', system, debian], { seconds: 600 })
  await run(['tar', '-C', system, '-cf', join(scratch, 'system.tar'), '.'])
  await docker.run(['import', join(scratch, 'system.tar'), image])
  rmSync(system, { recursive: true })
}

/** @param shared a directory that the container has under the same name */
async function inContainer(docker: Docker, shared: string, mirror: string): Promise<number> {
  const port = await freePort()
  await run([join(root, 'bin/release'), join(shared, 'package')], { cwd: root })
  makeApplication(join(shared, 'app'), port)
  const volumes = [shared, ...(existsSync(authorities) ? [authorities] : [])].flatMap(path => ['--volume', `${path}:${path}`])
  const variables = {
    COMPOSER_ALLOW_SUPERUSER: '1',
    COMPOSER_NO_INTERACTION: '1',
    ...(mirror !== '' && { REVURB_BUN_MIRROR: mirror }),
  }
  const environment = Object.entries(variables).flatMap(([name, value]) => ['--env', `${name}=${value}`])
  const directory = ['--workdir', join(shared, 'app')]
  await docker.run([
    ...['run', '--detach', '--init', '--network', 'host', '--name', container],
    ...[...volumes, ...environment, ...directory, image, 'sleep', 'infinity'],
  ])

  const inside = async (command: string) => {
    const startedAtMs = performance.now()
    const output = await docker.run(['exec', container, 'sh', '-c', command])
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1)
    console.log(`\n$ ${command}\n${output.trimEnd()}\n(${seconds} s)`)
    return output
  }

  await inside('php --version; composer --version; command -v node npm bun || echo "neither Node nor Bun"')
  console.log('\nThe application, without the package:')
  await inside('composer update --quiet --no-progress && php artisan --version')
  console.log('\nThe two commands:')
  await inside('composer require --no-progress revurb/revurb')
  const printed = await inside('php artisan reverb:install --no-interaction')
  const [publish, listen] = ['php artisan tinker', 'var socket'].map(start => printedLine(printed, start))
  await docker.run(['exec', '--detach', container, 'sh', '-c', 'php artisan reverb:start > server.log 2>&1'])
  await until('the server listens', () => answers(`http://127.0.0.1:${port}/up`))
  await inside('cat server.log')

  const received = await receive(listen!, () => inside(publish!))
  console.log(`\nThe browser's console: ${received}`)
  await inside('php artisan reverb:doctor || true')
  return 0
}

/** The application of the other tests of the release, with Tinker, which new applications of Laravel have. */
function makeApplication(app: string, port: number): void {
  cpSync(join(import.meta.dir, '../app'), app, { recursive: true })
  const directories = ['storage/framework/cache/data', 'storage/framework/views', 'storage/logs', 'config']
  for (const directory of directories) mkdirSync(join(app, directory), { recursive: true })
  const variables = {
    APP_KEY: `base64:${btoa('0'.repeat(32))}`,
    CACHE_STORE: 'file',
    REVERB_PORT: port,
    REVERB_SERVER_PORT: port,
  }
  writeFileSync(
    join(app, '.env'),
    Object.entries(variables)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  const versions = { 'revurb/revurb': '1.0.0' }
  const discover = ['Illuminate\\Foundation\\ComposerScripts::postAutoloadDump', '@php artisan package:discover --ansi']
  cpSync(join(root, 'test/stand-ins'), join(app, '../stand-ins'), { recursive: true })
  writeFileSync(
    join(app, 'composer.json'),
    JSON.stringify({
      require: { 'laravel/framework': '^12.0', 'laravel/tinker': '^2.10.1' },
      autoload: { 'psr-4': { 'App\\': 'app/' } },
      repositories: [
        { type: 'path', url: '../package', options: { symlink: false, versions } },
        { type: 'path', url: '../stand-ins/*', canonical: false },
      ],
      scripts: { 'post-autoload-dump': discover },
    }),
  )
}

/** @returns the line that begins so, as it is to be copied */
function printedLine(output: string, start: string): string {
  const line = output.split('\n').find(line => line.trimStart().startsWith(start))
  if (line === undefined) throw new Error(`reverb:install has printed no line "${start} …":\n${output}`)
  return line.trim()
}

/**
 * Publishes an event to a browser.
 *
 * @param listen a line for its console
 * @returns the line with which the event appears there
 */
async function receive(listen: string, publish: () => Promise<unknown>): Promise<string> {
  const browser = await launchBrowser()
  try {
    const tab = await browser.newPage()
    const lines: string[] = []
    tab.on('console', message => void lines.push(message.text()))
    console.log(`\n> ${listen}`)
    await tab.evaluate(listen)
    const line = (text: string) => until(`${text} is in the console`, () => lines.find(line => line.includes(text)))
    await line('subscription_succeeded')
    await publish()
    return await line('It works')
  } finally {
    await browser.close()
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(20_000) })).ok
  } catch {
    return false
  }
}
