/** The demo as in production: behind nginx, with its server under Supervisor, and not run by root. */
import { randomBytes } from 'node:crypto'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Daemon } from '../../support/child-process.ts'
import { run } from '../../support/child-process.ts'
import type { Chat } from '../../support/demo/chat-tests.ts'
import { Demo } from '../../support/demo/demo.ts'
import { clean, root } from '../../support/deployed-app.ts'
import { freePort } from '../../support/ports.ts'
import { descendants } from '../../support/processes.ts'
import { until } from '../../support/until.ts'
import { answers, startNginx } from './nginx.ts'
import { Supervisord } from './supervisord.ts'

const user = 'www-data'

export class ServedDemo implements Chat {
  readonly env: Record<string, string>
  private readonly scratch = mkdtempSync(join(tmpdir(), 'revurb-demo-'))
  private readonly folder = join(this.scratch, 'demo')
  private nginx: Daemon | undefined
  private supervisor: Supervisord | undefined

  private constructor(
    private readonly publicPort: number,
    private readonly webPort: number,
    reverbPort: number,
  ) {
    this.env = {
      APP_ENV: 'production',
      APP_KEY: `base64:${randomBytes(32).toString('base64')}`,
      APP_NAME: 'Revurb',
      APP_URL: `http://localhost:${publicPort}`,
      BROADCAST_CONNECTION: 'reverb',
      CACHE_STORE: 'database',
      DB_CONNECTION: 'sqlite',
      LOG_CHANNEL: 'stderr',
      QUEUE_CONNECTION: 'database',
      REVERB_APP_ID: '4711',
      REVERB_APP_KEY: randomBytes(10).toString('hex'),
      REVERB_APP_SECRET: randomBytes(10).toString('hex'),
      // The public address, and the one on which the server listens.
      REVERB_HOST: 'localhost',
      REVERB_PORT: String(publicPort),
      REVERB_SCHEME: 'http',
      REVERB_SERVER_HOST: '127.0.0.1',
      REVERB_SERVER_PORT: String(reverbPort),
      REVURB_BUN: join(this.scratch, 'bun'),
      SESSION_DRIVER: 'database',
    }
  }

  static async start(): Promise<ServedDemo> {
    // Its packages and its page: what `demo/run` makes when they are not there.
    await (await Demo.start()).stop()
    const demo = new ServedDemo(await freePort(), await freePort(), await freePort())
    try {
      await demo.copy()
      await demo.serve()
    } catch (error) {
      await demo.stop()
      throw error
    }
    return demo
  }

  get url(): string {
    return `http://localhost:${this.publicPort}`
  }

  get pids(): number[] {
    return this.supervisor === undefined ? [] : descendants(this.supervisor.process)
  }

  artisan(...args: string[]): Promise<string> {
    const command = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', 'php', 'artisan', ...args]
    return run(command, { cwd: this.folder, env: clean() })
  }

  log(): string {
    return this.supervisor?.log ?? ''
  }

  async stop(): Promise<void> {
    await this.nginx?.stop()
    await this.supervisor?.stop()
    rmSync(this.scratch, { recursive: true, force: true })
  }

  private async copy(): Promise<void> {
    chmodSync(this.scratch, 0o755)
    const package_ = join(this.folder, 'vendor/revurb/revurb')
    mkdirSync(package_, { recursive: true })
    const copy = 'tar -C "$0" --mode=a+rX --dereference --exclude-vcs $3 -c $2 | tar -x --no-same-owner -C "$1"'
    const without = ['demo/node_modules', 'demo/storage/*', 'demo/.env', 'demo/database/*.sqlite', 'demo/vendor/revurb/revurb']
    await run(['sh', '-c', copy, root, this.scratch, 'demo', without.map(path => `--exclude=${path}`).join(' ')])
    await run(['sh', '-c', copy, root, package_, 'composer.json dist php-bridge stubs', ''])
    cpSync(realpathSync(process.execPath), join(this.scratch, 'bun'))
    chmodSync(join(this.scratch, 'bun'), 0o755)

    for (const name of ['framework/cache/data', 'framework/sessions', 'framework/views', 'logs'])
      mkdirSync(join(this.folder, 'storage', name), { recursive: true })
    writeFileSync(join(this.folder, 'database/database.sqlite'), '')
    writeFileSync(
      join(this.folder, '.env'),
      Object.entries(this.env)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    )
    await run([
      'chown',
      '-R',
      `${user}:${user}`,
      ...['storage', 'database', 'bootstrap/cache'].map(name => join(this.folder, name)),
    ])
  }

  private async serve(): Promise<void> {
    await this.artisan('migrate', '--force', '--quiet')
    await run(['php', 'artisan', 'reverb:install', '--stubs=nginx,supervisor'], { cwd: this.folder, env: clean() })

    this.supervisor = await Supervisord.started(join(this.scratch, 'supervisor'))
    cpSync(this.stub('supervisor/revurb.conf'), join(this.supervisor.programs, 'revurb.conf'))
    this.program('web', `serve --no-reload --host=127.0.0.1 --port=${this.webPort}`)
    this.program('queue', 'queue:work --tries=3 --sleep=0.1')
    await this.supervisor.ctl('update')
    await until('the page and the server answer', async () => {
      const ports = [this.webPort, Number(this.env.REVERB_SERVER_PORT)]
      return (await Promise.all(ports.map(answers))).every(Boolean)
    })

    this.nginx = await startNginx({
      folder: join(this.scratch, 'nginx'),
      port: this.publicPort,
      stub: file => readFileSync(this.stub(file), 'utf8'),
      site: `location / { proxy_pass http://127.0.0.1:${this.webPort}; proxy_set_header Host $http_host; }`,
    })
  }

  /** The demo's own. */
  private program(name: string, command: string): void {
    const lines = [
      `[program:${name}]`,
      `command=php artisan ${command}`,
      `directory=${this.folder}`,
      `user=${user}`,
      'stopasgroup=true',
    ]
    writeFileSync(join(this.supervisor!.programs, `${name}.conf`), `${lines.join('\n')}\n`)
  }

  private stub(file: string): string {
    return join(this.folder, 'deploy/revurb', file)
  }
}
