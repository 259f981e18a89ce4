/** Debian's Supervisor with a folder of its own, beside the machine's. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Daemon, outcome, run } from '../../support/child-process.ts'
import { clean } from '../../support/deployed-app.ts'

export class Supervisord {
  private constructor(
    private readonly folder: string,
    private readonly config: string,
    /** The folder that takes the place of /etc/supervisor/conf.d. */
    readonly programs: string,
    private readonly daemon: Daemon,
  ) {}

  static async started(folder: string): Promise<Supervisord> {
    const [config, programs, socket] = [join(folder, 'supervisord.conf'), join(folder, 'conf.d'), join(folder, 'supervisor.sock')]
    mkdirSync(programs, { recursive: true })
    writeFileSync(
      config,
      `[supervisord]
nodaemon=true
user=root
logfile=${folder}/supervisord.log
pidfile=${folder}/supervisord.pid
childlogdir=${folder}
[unix_http_server]
file=${socket}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${socket}
[include]
files=conf.d/*.conf
`,
    )
    const command = ['/usr/bin/supervisord', '-c', config]
    return new Supervisord(
      folder,
      config,
      programs,
      await Daemon.started(command, () => existsSync(socket), { env: clean(), cwd: '/' }),
    )
  }

  ctl(...command: string[]): Promise<string> {
    return run(this.command(command), { env: clean() })
  }

  /** Runs a command whose exit code may be another than 0. */
  outcome(...command: string[]): Promise<{ code: number; output: string }> {
    return outcome(this.command(command), { env: clean() })
  }

  /** The process id of a program; 0 where it does not run. */
  async pid(program: string): Promise<number> {
    return Number((await this.outcome('pid', program)).output)
  }

  /** All that it has logged itself. */
  get log(): string {
    return readFileSync(join(this.folder, 'supervisord.log'), 'utf8')
  }

  get process(): number {
    return this.daemon.pid
  }

  async stop(): Promise<number> {
    return this.daemon.stop()
  }

  private command(command: string[]): string[] {
    return ['/usr/bin/supervisorctl', '-c', this.config, ...command]
  }
}
