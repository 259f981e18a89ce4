/** A new Laravel application for the blocks of one page, with Revurb, in a network of its own: its ports are those of the page. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { version } from '../../../package.json'
import { Daemon, outcome, run } from '../../support/child-process.ts'
import { clean } from '../../support/deployed-app.ts'
import { missingProgram, withoutRoot } from '../../support/requirements.ts'
import { root } from './pages.ts'

export const withoutNetwork: string | false =
  withoutRoot ||
  missingProgram('unshare', 'util-linux') ||
  missingProgram('ip', 'iproute2') ||
  (Bun.spawnSync(['unshare', '--net', 'true']).exitCode !== 0 && 'this root may make no namespaces')

export const withoutRedis = missingProgram('redis-server', 'redis-server')

/** The applications before and after `reverb:install`, made once and copied for each page. */
export class Templates implements Disposable {
  private readonly scratch = mkdtempSync(join(tmpdir(), 'revurb-docs-'))

  static async make(): Promise<Templates> {
    const templates = new Templates()
    await templates.fill()
    return templates
  }

  /** @param isInstalled whether `reverb:install` has run in it */
  copy(isInstalled: boolean, to: string): void {
    cpSync(join(this.scratch, isInstalled ? 'installed' : 'new'), to, { recursive: true, verbatimSymlinks: true })
  }

  private async fill(): Promise<void> {
    const folder = join(this.scratch, 'new')
    cpSync(join(import.meta.dir, '../app'), folder, { recursive: true })
    for (const directory of ['app/public', 'framework/cache/data', 'framework/sessions', 'framework/views', 'logs'])
      mkdirSync(join(folder, 'storage', directory), { recursive: true })
    mkdirSync(join(folder, 'database/migrations'), { recursive: true })
    for (const name of readdirSync(join(root, 'demo/database/migrations')).filter(name => !name.includes('messages')))
      cpSync(join(root, 'demo/database/migrations', name), join(folder, 'database/migrations', name))
    writeFileSync(join(folder, 'database/database.sqlite'), '')
    cpSync(join(folder, '.env.example'), join(folder, '.env'))
    linkVendor(folder)
    mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true })
    symlinkSync(realpathSync(process.execPath), join(folder, 'node_modules/.bin/bun'))

    const options = { cwd: folder, env: environment(folder) }
    await run(['php', 'artisan', 'key:generate', '--force', '--no-interaction'], options)
    await run(['php', 'artisan', 'migrate', '--force', '--no-interaction'], options)
    const installed = join(this.scratch, 'installed')
    this.copy(false, installed)
    await run(['php', 'artisan', 'reverb:install', '--no-interaction'], { cwd: installed, env: environment(installed) })
  }

  [Symbol.dispose](): void {
    rmSync(this.scratch, { recursive: true, force: true })
  }
}

export class Application implements AsyncDisposable {
  readonly folder: string
  private readonly running: Daemon[] = []

  private constructor(
    private readonly scratch: string,
    private readonly network: Daemon,
  ) {
    this.folder = join(scratch, 'app')
  }

  static async make(templates: Templates, isInstalled: boolean): Promise<Application> {
    const scratch = mkdtempSync(join(tmpdir(), 'revurb-page-'))
    const ready = 'ip link set lo up && echo up && exec sleep infinity'
    const network = new Daemon(['unshare', '--net', 'sh', '-c', ready], { deathSignal: 'KILL' })
    await network.until(() => network.output.includes('up'))
    const app = new Application(scratch, network)
    templates.copy(isInstalled, app.folder)
    return app
  }

  /** Runs lines of a shell in the directory, and with the variables, that earlier ones left. */
  play(lines: string, seconds = 60): Promise<{ code: number; output: string }> {
    const [variables, directory] = [join(this.scratch, 'variables'), join(this.scratch, 'directory')]
    const script = `exec 2>&1
      trap 'export -p > ${variables}; pwd > ${directory}' EXIT
      [ ! -f ${variables} ] || . ${variables}
      [ ! -f ${directory} ] || cd "$(cat ${directory})"
      set -e -o pipefail
      ${lines}\n`
    return outcome(this.within(['bash', '-c', script]), { ...this.options, seconds })
  }

  /** Starts a command that goes on, as in a second terminal. */
  background(command: string): Daemon {
    const daemon = new Daemon(this.within(['bash', '-c', `exec 2>&1; exec ${command.trim().replace(/\s*&$/, '')}`]), this.options)
    this.running.push(daemon)
    return daemon
  }

  /** Whether something listens on the port. */
  async listens(port: number): Promise<boolean> {
    return (await outcome(this.within(['bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`]), this.options)).code === 0
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.folder, file)), { recursive: true })
    writeFileSync(join(this.folder, file), text)
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.running.map(daemon => daemon.stop('SIGTERM', 10)))
    await this.network.stop('SIGKILL')
    rmSync(this.scratch, { recursive: true, force: true })
  }

  private get options() {
    return { cwd: this.folder, env: environment(this.folder) }
  }

  /** The command that enters its network, and becomes the one behind it. */
  get entering(): string[] {
    return ['nsenter', '--target', String(this.network.pid), '--net', '--']
  }

  private within(command: string[]): string[] {
    return [...this.entering, ...command]
  }
}

/** The packages of this checkout, as Composer would install them beside Revurb. */
function linkVendor(folder: string): void {
  const vendor = join(folder, 'vendor')
  mkdirSync(join(vendor, 'composer'), { recursive: true })
  for (const name of readdirSync(join(root, 'vendor')))
    if (!['autoload.php', 'composer', '.installed'].includes(name)) symlinkSync(join(root, 'vendor', name), join(vendor, name))
  mkdirSync(join(vendor, 'revurb'))
  symlinkSync(root, join(vendor, 'revurb/revurb'))
  writeFileSync(
    join(vendor, 'autoload.php'),
    `<?php\n\n$loader = require '${root}/vendor/autoload.php';\n$loader->addPsr4('App\\\\', dirname(__DIR__).'/app/');\n\nreturn $loader;\n`,
  )
  const { packages } = JSON.parse(readFileSync(join(root, 'vendor/composer/installed.json'), 'utf8')) as { packages: object[] }
  const own = { ...JSON.parse(readFileSync(join(root, 'composer.json'), 'utf8')), version }
  writeFileSync(join(vendor, 'composer/installed.json'), JSON.stringify({ packages: [...packages, own] }))
}

/** What a shell of the reader has, and nothing else of this process's environment. */
function environment(folder: string): Record<string, string> {
  const { PATH, ...rest } = clean()
  return { ...rest, PATH: `${join(folder, 'node_modules/.bin')}:${PATH}`, HOME: dirname(folder), PWD: folder }
}
