/** Laravel Reverb, from an application that has it, or from a minimal one that Composer installs. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { app } from '../load/app.ts'
import { cached, run } from './cache.ts'
import { startProgram } from './start.ts'
import type { Target } from './target.ts'

const skeleton = join(import.meta.dir, 'reverb')
const fallbackPackages = join(import.meta.dir, '../../test/stand-ins/*')

/** `stream_select` accepts no descriptor above 1,023: with a higher one, Reverb exits. */
const maxSockets = 1000

/** @param directory a Laravel application, whose own configuration is not changed */
export function reverb(directory?: string): Target {
  const source = directory === undefined ? cached('reverb') : resolve(directory)
  return {
    id: 'reverb',
    name: 'Reverb',
    maxSockets,
    version: () => versionIn(source),
    async install() {
      if (existsSync(join(source, 'vendor/laravel/reverb'))) return
      if (directory !== undefined) throw new Error(`there is no laravel/reverb in the application in ${directory}`)
      await create(source)
    },
    start: () =>
      startProgram((host, port) => {
        const scratch = copy(source, host, port)
        const command = ['php', 'artisan', '--no-ansi', 'reverb:start']
        return { command, cwd: scratch, scratch, env: { APP_ENV: 'production', APP_DEBUG: 'false', CACHE_STORE: 'file' } }
      }),
  }
}

async function create(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  cpSync(skeleton, folder, { recursive: true })
  for (const name of ['bootstrap/cache', 'storage/framework/cache/data', 'storage/framework/views', 'storage/logs'])
    mkdirSync(join(folder, name), { recursive: true })
  const composerJson = JSON.parse(readFileSync(join(folder, 'composer.json'), 'utf8'))
  const repositories = [{ type: 'path', url: fallbackPackages, canonical: false, options: { symlink: false } }]
  writeFileSync(join(folder, 'composer.json'), JSON.stringify({ ...composerJson, repositories }))
  try {
    await run(['composer', 'update', '--no-interaction', '--no-progress', '--no-dev'], folder)
  } catch {
    throw new Error('Composer cannot install laravel/reverb here; --reverb DIR names an application that has it')
  }
}

/** The server runs in a copy, so that the application's cache and configuration stay as they are. */
function copy(source: string, host: string, port: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'revurb-bench-reverb-'))
  for (const name of readdirSync(source)) {
    if (name === 'vendor') symlinkSync(join(source, name), join(folder, name))
    else if (name !== 'node_modules') cpSync(join(source, name), join(folder, name), { recursive: true })
  }
  rmSync(join(folder, 'bootstrap/cache/config.php'), { force: true })
  mkdirSync(join(folder, 'config'), { recursive: true })
  writeFileSync(join(folder, 'config/reverb.json'), JSON.stringify(settings(host, port)))
  writeFileSync(join(folder, 'config/reverb.php'), "<?php return json_decode(file_get_contents(__DIR__.'/reverb.json'), true);")
  return folder
}

function settings(host: string, port: number): object {
  const server = {
    host,
    port,
    path: '',
    hostname: host,
    options: { tls: [] },
    max_request_size: 10_000,
    scaling: { enabled: false, channel: 'reverb', server: {} },
    pulse_ingest_interval: 15,
    telescope_ingest_interval: 15,
  }
  const served = {
    app_id: app.id,
    key: app.key,
    secret: app.secret,
    options: [],
    allowed_origins: ['*'],
    ping_interval: 3600,
    activity_timeout: 30,
    max_message_size: 10_000,
    accept_client_events_from: 'members',
  }
  return { default: 'reverb', servers: { reverb: server }, apps: { provider: 'config', apps: [served] } }
}

function versionIn(directory: string): string {
  const { packages } = JSON.parse(readFileSync(join(directory, 'vendor/composer/installed.json'), 'utf8')) as {
    packages: { name: string; version: string }[]
  }
  const php = Bun.spawnSync(['php', '-r', 'echo PHP_VERSION;']).stdout.toString()
  return `${packages.find(({ name }) => name === 'laravel/reverb')?.version ?? 'unknown'}, PHP ${php}`
}
