/**
 * A real systemd with nothing but one unit, in namespaces of its own: it is process 1 there, and sees none of the machine's
 * units. Root's, and for machines whose own process 1 is another program: two of them would share one tree of control groups.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Daemon, outcome, run } from '../../support/child-process.ts'
import { clean } from '../../support/deployed-app.ts'
import { descendants, runs } from '../../support/processes.ts'
import { withoutRoot } from '../../support/requirements.ts'

const program = '/lib/systemd/systemd'
const groups = '/sys/fs/cgroup'

export const withoutSystemd: string | false =
  (!existsSync(program) && `there is no ${program} (apt-get install systemd)`) ||
  withoutRoot ||
  (Bun.spawnSync(['unshare', '--mount', '--pid', '--cgroup', '--fork', 'true']).exitCode !== 0 &&
    'this root may make no namespaces') ||
  (existsSync('/run/systemd/system') && 'this machine’s own systemd has the control groups') ||
  (!existsSync(join(groups, 'systemd')) &&
    !existsSync(join(groups, 'cgroup.controllers')) &&
    'there are no control groups for it')

const boot = `mount --make-rprivate / && mount -t proc proc /proc && mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system &&
mount --bind "$0" /etc/systemd/system && exec env -i container=revurb PATH="$PATH" SYSTEMD_UNIT_PATH=/etc/systemd/system ${program} --system --unit=none.target --log-target=console --show-status=false`

export class Systemd {
  private constructor(
    /** Its /etc/systemd/system. */
    readonly units: string,
    private readonly daemon: Daemon,
    private readonly groupsBefore: readonly string[],
  ) {}

  static async started(folder: string): Promise<Systemd> {
    mkdirSync(folder, { recursive: true })
    for (const name of ['none', 'sysinit', 'basic', 'shutdown', 'multi-user'])
      writeFileSync(join(folder, `${name}.target`), '[Unit]\nDefaultDependencies=no\n')
    const namespaces = ['--mount', '--pid', '--ipc', '--uts', '--cgroup', '--fork', '--kill-child']
    const groupsBefore = controlGroups()
    const daemon = new Daemon(['unshare', ...namespaces, 'sh', '-c', boot, folder], { env: clean(), deathSignal: 'KILL' })
    const systemd = new Systemd(folder, daemon, groupsBefore)
    try {
      await systemd.daemon.until(async () => (await systemd.outcome('is-system-running')).output.trim() === 'running')
    } catch (error) {
      await systemd.stop()
      throw error
    }
    return systemd
  }

  ctl(...command: string[]): Promise<string> {
    return run(this.command(command), { env: clean() })
  }

  /** Runs a command whose exit code may be another than 0. */
  outcome(...command: string[]): Promise<{ code: number; output: string }> {
    return outcome(this.command(command), { env: clean() })
  }

  async property(unit: string, name: string): Promise<string> {
    return (await this.ctl('show', unit, `--property=${name}`, '--value')).trim()
  }

  /** The process ids of a unit, as the machine outside has them; its main one first. */
  async pids(unit: string): Promise<number[]> {
    const main = Number(await this.property(unit, 'MainPID'))
    if (main === 0) return []
    const pid = descendants(this.daemon.pid).find(candidate => numberInside(candidate) === main)!
    return [pid, ...descendants(pid)]
  }

  async stop(): Promise<void> {
    const below = descendants(this.daemon.pid)
    // unshare ignores SIGTERM; its child ends with it, and with that all processes of the namespace.
    await this.daemon.stop('SIGKILL')
    while (below.some(runs)) await Bun.sleep(20)
    for (const group of controlGroups().filter(name => !this.groupsBefore.includes(name))) rmdirSync(group)
  }

  /** Process 1 in there. */
  private get process(): number {
    return descendants(this.daemon.pid).find(pid => numberInside(pid) === 1) ?? 0
  }

  private command(command: string[]): string[] {
    return [
      'nsenter',
      '--target',
      String(this.process),
      '--mount',
      '--pid',
      '--ipc',
      '--uts',
      '--cgroup',
      'systemctl',
      ...command,
    ]
  }
}

function numberInside(pid: number): number | undefined {
  try {
    return Number(/^NSpid:.*\s(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return undefined
  }
}

/** Those that a systemd makes, the innermost first. */
function controlGroups(): string[] {
  const found = Bun.spawnSync([
    'find',
    groups,
    '-depth',
    '-type',
    'd',
    '(',
    '-path',
    '*/system.slice*',
    '-o',
    '-name',
    'init.scope',
    ')',
  ])
  return found.stdout.toString().split('\n').filter(Boolean)
}
