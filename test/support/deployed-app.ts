/** A deployed Laravel application: releases, a `current` symlink, and a user of its own. */
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { run } from './child-process.ts'
import { freePort } from './ports.ts'

export const root = join(import.meta.dir, '../..')

/** Debian's web servers run as this user, and so does what root writes stubs for. */
const user = process.getuid?.() === 0 ? 'www-data' : userInfo().username

export class DeployedApp implements AsyncDisposable {
  /** The folder of all files of this application and its test, readable for every user. */
  readonly scratch: string
  /** The symlink to the current release. */
  readonly folder: string
  /** Copies of the package, Laravel and Bun: other users may not be able to read this checkout. */
  private readonly packages: string
  readonly user = user

  private constructor(
    within: string,
    readonly port: number,
    readonly path: string,
  ) {
    this.scratch = mkdtempSync(join(within, 'revurb-deploy-'))
    this.folder = join(this.scratch, 'current')
    this.packages = join(this.scratch, 'packages')
  }

  /**
   * @param environment lines of its .env, in addition to or in place of the usual ones
   * @param within the directory in which it gets one of its own
   */
  static async make({
    path = '',
    environment = {},
    within = tmpdir(),
  }: {
    path?: string
    environment?: Record<string, string>
    within?: string
  } = {}): Promise<DeployedApp> {
    const app = new DeployedApp(within, await freePort(), path)
    chmodSync(app.scratch, 0o755)
    await app.copyPackages()
    app.release('1', environment)
    return app
  }

  /** A new release, which becomes the current one. */
  release(name: string, environment: Record<string, string> = {}): void {
    const folder = join(this.scratch, 'releases', name)
    for (const directory of [
      'bootstrap/cache',
      'storage/app',
      'storage/framework/views',
      'storage/logs',
      'vendor/revurb/revurb/dist',
    ])
      mkdirSync(join(folder, directory), { recursive: true })
    cpSync(join(import.meta.dir, '../deploy/app'), folder, { recursive: true })
    cpSync(join(root, 'dist/revurb.js'), join(folder, 'vendor/revurb/revurb/dist/revurb.js'))
    writeFileSync(join(folder, '.env'), lines({ ...this.environment(), APP_NAME: name, ...environment }))
    writeFileSync(join(folder, 'vendor/autoload.php'), `<?php return require '${this.packages}/vendor/autoload.php';\n`)
    this.handOver(folder)
    rmSync(this.folder, { force: true })
    symlinkSync(folder, this.folder)
  }

  /** Runs `reverb:install --stubs=…`, which writes to `deploy/revurb`. */
  async install(...stubs: string[]): Promise<void> {
    await this.artisan('reverb:install', `--stubs=${stubs.join()}`, '--force')
  }

  file(stub: string): string {
    return join(this.folder, 'deploy/revurb', stub)
  }

  text(stub: string): string {
    return readFileSync(this.file(stub), 'utf8')
  }

  /** Runs an artisan command in the current release. */
  artisan(...args: string[]): Promise<string> {
    return this.artisanWith({}, ...args)
  }

  artisanWith(environment: Record<string, string>, ...args: string[]): Promise<string> {
    return run(['php', 'artisan', ...args], { cwd: this.folder, env: { ...clean(), PWD: this.folder, ...environment } })
  }

  get up(): string {
    return `http://127.0.0.1:${this.port}${this.path}/up`
  }

  async isUp(): Promise<boolean> {
    try {
      return (await fetch(this.up, { signal: AbortSignal.timeout(20_000) })).ok
    } catch {
      return false
    }
  }

  private async copyPackages(): Promise<void> {
    mkdirSync(this.packages)
    const what = ['composer.json', 'dist', 'php-bridge', 'stubs', 'vendor']
    await run([
      'sh',
      '-c',
      `tar -C "$0" --mode=a+rX --exclude='*.phar' -c ${what.join(' ')} | tar -x --no-same-owner -C "$1"`,
      root,
      this.packages,
    ])
    cpSync(realpathSync(process.execPath), join(this.packages, 'bun'))
    chmodSync(join(this.packages, 'bun'), 0o755)
  }

  private environment(): Record<string, string> {
    return {
      APP_KEY: `base64:${btoa('0'.repeat(32))}`,
      BROADCAST_CONNECTION: 'reverb',
      CACHE_STORE: 'file',
      CACHE_FOLDER: join(this.scratch, 'cache'),
      LOG_CHANNEL: 'single',
      QUEUE_CONNECTION: 'sync',
      REVERB_APP_ID: '1001',
      REVERB_APP_KEY: 'app-key',
      REVERB_APP_SECRET: 'app-secret',
      REVERB_HOST: '127.0.0.1',
      REVERB_PORT: String(this.port),
      REVERB_SCHEME: 'http',
      REVERB_SERVER_HOST: '127.0.0.1',
      REVERB_SERVER_PATH: this.path,
      REVERB_SERVER_PORT: String(this.port),
      REVURB_BUN: join(this.packages, 'bun'),
      REVURB_DRAIN_SECONDS: '1',
    }
  }

  private handOver(folder: string): void {
    mkdirSync(join(this.scratch, 'cache'), { recursive: true })
    if (process.getuid?.() !== 0) return
    const given = Bun.spawnSync([
      'chown',
      '-R',
      `${user}:`,
      join(folder, 'storage'),
      join(folder, 'bootstrap/cache'),
      join(this.scratch, 'cache'),
    ])
    if (given.exitCode !== 0) throw new Error(given.stderr.toString())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.scratch, { recursive: true, force: true })
  }
}

/** The environment of the application's processes: nothing else of this process's environment. */
export function clean(): Record<string, string> {
  return { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: tmpdir(), LANG: 'C.UTF-8' }
}

function lines(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
