/** A Laravel application with one configuration, on disk, whose server a test starts. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../ports.ts'
import { timeoutSeconds } from '../until.ts'
import type { Shape } from './shape.ts'

/** The packages of an application, and a provider that it registers in addition to those that Composer discovers. */
export type Packages = { readonly vendor: string; readonly provider?: string; readonly bun?: string }

/** The part of a shape that configures the application. */
type Configuration = Omit<Shape, 'name' | 'client' | 'publisher' | 'expect'>

export type Ended = { readonly code: number; readonly output: string }

/** The lines that `reverb:install` writes to `.env`. */
const stockLines: Readonly<Record<string, string>> = {
  APP_ENV: 'production',
  APP_KEY: 'base64:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=',
  APP_URL: 'http://localhost',
  CACHE_STORE: 'file',
  LOG_CHANNEL: 'single',
  BROADCAST_CONNECTION: 'reverb',
  REVERB_APP_ID: '482910',
  REVERB_APP_KEY: 'app-key',
  REVERB_APP_SECRET: 'app-secret',
  REVERB_HOST: '"localhost"',
  REVERB_PORT: '{port}',
  REVERB_SCHEME: 'http',
  REVERB_SERVER_HOST: '127.0.0.1',
  REVERB_SERVER_PORT: '{port}',
  VITE_REVERB_APP_KEY: `"\${REVERB_APP_KEY}"`,
  VITE_REVERB_HOST: `"\${REVERB_HOST}"`,
  VITE_REVERB_PORT: `"\${REVERB_PORT}"`,
  VITE_REVERB_SCHEME: `"\${REVERB_SCHEME}"`,
}

/** Reverb's configuration file, and its one app. */
const stockConfig = `
$config = require '${join(import.meta.dir, '../../php/StandIns/reverb.php')}';
$app = $config['apps']['apps'][0];
`

export class ConfiguredApp implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'revurb-drop-in-'))
  private readonly started: Bun.Subprocess[] = []

  private constructor(
    readonly port: number,
    private readonly shape: Configuration,
    private readonly packages: Packages,
  ) {}

  static async make(shape: Configuration, packages: Packages): Promise<ConfiguredApp> {
    const app = new ConfiguredApp(await freePort(), shape, packages)
    app.writeFiles()
    if (shape.cached) {
      const { code, output } = await app.run('config:cache')
      if (code !== 0) throw new Error(`config:cache ended with ${code}: ${output}`)
    }
    return app
  }

  /** Starts the server. Resolves when it has logged that it listens, or has ended. */
  async start(): Promise<{
    readonly serves: boolean
    readonly output: () => string
    readonly code: Promise<number>
    readonly stop: () => Promise<unknown>
  }> {
    const child = this.artisan(['reverb:start', ...(this.shape.options ?? []).map(option => this.fill(option))])
    let output = ''
    const listening = Promise.withResolvers<boolean>()
    const read = async (stream: ReadableStream<Uint8Array>) => {
      const decoder = new TextDecoder()
      for await (const bytes of stream) {
        output += decoder.decode(bytes, { stream: true })
        if (/Starting (secure )?server on/.test(output)) listening.resolve(true)
      }
    }
    void Promise.all([read(child.stdout), read(child.stderr), child.exited]).then(() => listening.resolve(false))
    const serves = await within(listening.promise, () => `the server neither listens nor ends: ${output}`)
    const stop = async () => {
      child.kill('SIGTERM')
      const killer = setTimeout(() => child.kill('SIGKILL'), timeoutSeconds * 1000)
      await child.exited
      clearTimeout(killer)
    }
    return { serves, output: () => output, code: child.exited, stop }
  }

  /** Runs an artisan command to its end. */
  async run(...command: string[]): Promise<Ended> {
    const child = this.artisan(command)
    const [out, err, code] = await within(
      Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]),
      () => `artisan ${command.join(' ')} does not end`,
    )
    return { code, output: out + err }
  }

  /** The text with the application's port and folder in place of `{port}` and `{folder}`. */
  fill(text: string): string {
    return text.replaceAll('{port}', String(this.port)).replaceAll('{folder}', this.folder)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.started) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await child.exited
    }
    rmSync(this.folder, { recursive: true, force: true })
  }

  private artisan(command: readonly string[]) {
    const variables = Object.entries(this.shape.variables ?? {}).map(([name, value]) => [name, this.fill(value)])
    const child = Bun.spawn(['php', ...(this.shape.php ?? []), 'artisan', '--no-ansi', ...command], {
      cwd: this.folder,
      env: { PATH: process.env.PATH ?? '', HOME: this.folder, PWD: this.folder, ...Object.fromEntries(variables) },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    })
    this.started.push(child)
    return child
  }

  private writeFiles(): void {
    const { vendor, provider, bun } = this.packages
    for (const folder of ['bootstrap/cache', 'config', 'storage/framework/views', 'storage/framework/cache/data', 'storage/logs'])
      mkdirSync(join(this.folder, folder), { recursive: true })
    symlinkSync(vendor, join(this.folder, 'vendor'))
    const lines = { ...stockLines, ...(bun === undefined ? {} : { REVURB_BUN: bun }), ...this.shape.env }
    this.write(
      '.env',
      Object.entries(lines)
        .filter(([, value]) => value !== null)
        .map(([name, value]) => `${name}=${this.fill(value!)}\n`)
        .join(''),
    )
    if (this.shape.config !== null)
      this.write('config/reverb.php', `<?php\n${stockConfig}\n${this.fill(this.shape.config ?? '')}\nreturn $config;\n`)
    const providers = provider === undefined ? '' : `->withProviders([${provider}::class], withBootstrapProviders: false)`
    this.write(
      'bootstrap/app.php',
      `<?php\nreturn Illuminate\\Foundation\\Application::configure(dirname(__DIR__))${providers}->withExceptions()->create();\n`,
    )
    this.write(
      'artisan',
      `<?php\nrequire __DIR__.'/vendor/autoload.php';\nexit((require __DIR__.'/bootstrap/app.php')->handleCommand(new Symfony\\Component\\Console\\Input\\ArgvInput));\n`,
    )
  }

  private write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text)
  }
}

async function within<T>(promise: Promise<T>, complaint: () => string): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(complaint())), timeoutSeconds * 1000)
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
