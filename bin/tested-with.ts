#!/usr/bin/env bun
/**
 * Writes `docs/tested-with.md`: what Revurb requires, and with what it was tested, recorded and measured. With `--record`, the
 * tested versions are those of this machine from now on. With `--check`, it writes nothing, and exits 1 when the page is old.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import { lastTested, measured, recorded, required, reverb, type Tested, tested } from './lib/versions.ts'

const root = join(import.meta.dir, '..')
const page = join(root, 'docs/tested-with.md')
const now = process.argv.includes('--record') ? record() : lastTested
const text = written(now)

if (!process.argv.includes('--check')) writeFileSync(page, text)
else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/tested-with.md is not up to date: run make tested-with')
  process.exit(1)
}

function written({ date, versions }: Tested): string {
  const rows = Object.entries(tested).map(([name, use]) => `| ${name} | ${versions[name]} | ${use} |`)
  const targets = measured.targets.map(({ name, version }) => `| ${name} | ${version} |`)
  const packages = Object.entries(recorded.packages).map(([name, version]) => `\`${name}\` ${version}`)
  return `# Tested with

This page lists the versions that Revurb requires, and those with which it was tested, recorded and measured. Versions of Reverb, Bun, Laravel, PHP, Redis, Echo and pusher-js on
other pages are among these: a test compares them.

## Requirements

| | |
|---|---|
| PHP | ${required.php} or newer |
| Laravel | ${required.laravel.slice(0, -1).join(', ')} or ${required.laravel.at(-1)} |
| Bun | ${required.bun} or newer |
| pusher/pusher-php-server | ${required.pusher} or newer; Composer installs it |

## Versions in the tests

The tests run with these versions, as of ${date}. npm installs those of \`package-lock.json\`; Composer may install newer ones within the ranges of \`composer.json\`.

| | version | used for |
|---|---|---|
${rows.join('\n')}

## The Reverb that was recorded

Revurb is compared with recordings of Laravel Reverb ${reverb.release} and the ${reverb.commits} commits after it (commit \`${recorded.commit}\`), which Packagist has as ${reverb.packagist}. ${recorded.scenarios} scenarios were
recorded on ${recorded.recorded.split(';')[0]}, with PHP ${recorded.php.split(' ')[0]}, Bun ${recorded.bun} as the client, and these packages: ${packages.join(', ')}.

[Differences from Reverb](differences.md) lists where Revurb answers in another way on purpose.

## Versions in the measurements

The figures in [Performance](performance.md) are from ${measured.date}.

| server | version |
|---|---|
${targets.join('\n')}

This page is generated: \`make tested-with\` writes it, with the versions of the machine on which it runs.
`
}

/** Writes the versions of this machine to `test/tested-with.json`. */
function record(): Tested {
  const versions: Record<string, string> = {
    PHP: output(['php', '-r', 'echo PHP_VERSION;']),
    Laravel: composer('laravel/framework'),
    Bun: Bun.version,
    Redis: output(['redis-server', '--version']),
    'pusher/pusher-php-server': composer('pusher/pusher-php-server'),
    Chromium: output([process.env.CHROMIUM ?? '/usr/bin/chromium', '--version']),
    nginx: output(['nginx', '-v']),
    Caddy: output(['caddy', 'version']),
    Apache: output(['apache2', '-v']),
    HAProxy: output(['haproxy', '-v']),
    Supervisor: output(['supervisord', '--version']),
    Docker: output(['dockerd', '--version']),
    Linux: /^\d+\.\d+/.exec(release())![0],
  }
  const named = Object.keys(tested).map(name => [name, versions[name] ?? npm(name)] as const)
  const now = { date: new Date().toISOString().slice(0, 10), versions: Object.fromEntries(named) }
  writeFileSync(join(root, 'test/tested-with.json'), `${JSON.stringify(now, null, 2)}\n`)
  return now
}

/** The first version in what the command prints. */
function output(command: string[]): string {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
  const { stdout, stderr } = Bun.spawnSync(command, { env })
  const version = /\d+(?:\.\d+)+/.exec(`${stdout}${stderr}`)?.[0]
  if (version === undefined) throw new Error(`${command.join(' ')} prints no version`)
  return version
}

function npm(name: string): string {
  return (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version
}

function composer(name: string): string {
  const { packages } = JSON.parse(readFileSync(join(root, 'vendor/composer/installed.json'), 'utf8')) as {
    packages: { name: string; version: string }[]
  }
  return packages.find(installed => installed.name === name)!.version.replace(/^v/, '')
}
