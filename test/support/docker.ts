/** A Docker engine of the test's own, which leaves that of the machine, its images and its networks alone. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Daemon, outcome, run } from './child-process.ts'
import { clean } from './deployed-app.ts'
import { missingProgram, withoutRoot } from './requirements.ts'

/** Debian's client can use BuildKit without a plugin. */
const client = existsSync('/usr/bin/docker') ? '/usr/bin/docker' : (Bun.which('docker') ?? '')
const compose = Bun.which('docker-compose')

export const withoutDocker: string | false =
  missingProgram('dockerd', 'docker.io') ||
  withoutRoot ||
  (Bun.spawnSync(['unshare', '--mount', '--net', 'true']).exitCode !== 0 && 'this root may make no namespaces')

export const withoutCompose: string | false = withoutDocker || missingProgram('docker-compose', 'docker-compose')

type Where = { readonly cwd?: string; readonly env?: Record<string, string> }

export class Docker {
  /** Where it listens, in the words of DOCKER_HOST. */
  readonly host: string

  private constructor(
    private readonly folder: string,
    private readonly daemon: Daemon,
  ) {
    this.host = address(folder)
  }

  static async started(folder: string): Promise<Docker> {
    mkdirSync(folder, { recursive: true })
    const places = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'pid')]
    // Ports are published by a program, and no packet of the machine is looked at.
    const network = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false']
    // The Ctrl+C of a terminal is not for it: who has started it takes the containers and networks away first.
    const command = ['setsid', 'dockerd', '--host', address(folder), ...places, ...network, '--log-level=error']
    const docker = new Docker(folder, new Daemon(command, { env: clean() }))
    try {
      await docker.daemon.until(async () => (await docker.outcome(['info'])).code === 0)
    } catch (error) {
      await docker.stop()
      throw error
    }
    return docker
  }

  run(command: string[], where: Where = {}): Promise<string> {
    return run([client, ...command], this.options(where))
  }

  outcome(command: string[], where: Where = {}): Promise<{ code: number; output: string }> {
    return outcome([client, ...command], this.options(where))
  }

  compose(command: string[], where: Where = {}): Promise<string> {
    return run([compose!, ...command], this.options(where))
  }

  /** Another program, which finds the client and this engine. */
  beside(command: string[], where: Where = {}): Promise<string> {
    return run(command, this.options(where))
  }

  async inspect(container: string, template: string): Promise<string> {
    return (await this.run(['inspect', '--format', template, container])).trim()
  }

  /**
   * An image of this machine's own files, under the name of one that cannot be pulled here.
   *
   * @param programs and other files, each with its name in there, and with the libraries that it is linked with; '': those only
   */
  async standIn(
    name: string,
    programs: Record<string, string>,
    texts: Record<string, string>,
    ...changes: string[]
  ): Promise<void> {
    const stage = join(this.folder, 'stage')
    for (const directory of ['tmp', 'etc', 'usr/bin']) mkdirSync(join(stage, directory), { recursive: true })
    const links = Object.keys(programs).map(program => `${program} ${programs[program]}`)
    await run(['sh', '-c', copy, stage, ...links], { env: clean() })
    for (const [file, text] of Object.entries(texts)) writeFileSync(join(stage, file), text, { mode: 0o755 })
    const change = changes.flatMap(line => ['--change', line])
    const archive = join(this.folder, 'stage.tar')
    await run(['tar', '-C', stage, '-cf', archive, '.'])
    await this.run(['import', ...change, archive, name])
    rmSync(stage, { recursive: true })
    rmSync(archive)
  }

  async stop(): Promise<void> {
    const { output } = await this.outcome(['ps', '--all', '--quiet'])
    const containers = output.split('\n').filter(line => /^[0-9a-f]{12}$/.test(line))
    if (containers.length > 0) await this.outcome(['rm', '--force', ...containers])
    await this.outcome(['network', 'prune', '--force'])
    await this.daemon.stop()
  }

  private options({ cwd, env }: Where) {
    const own = {
      DOCKER_HOST: this.host,
      DOCKER_CONFIG: this.folder,
      DOCKER_BUILDKIT: '1',
      COMPOSE_DOCKER_CLI_BUILD: '1',
    }
    // Compose builds with the first client that it finds.
    const path = { PATH: `${dirname(client)}:${clean().PATH}` }
    return { ...(cwd && { cwd }), env: { ...clean(), ...path, ...own, ...env }, seconds: 180 }
  }
}

/** Copies each file to the name after it, and to its own place the libraries that it is linked with. */
const copy = `set -e
chmod 1777 "$0/tmp"
for pair in "$@"; do
  file=\${pair% *} name=\${pair#* }
  libraries=$(ldd $file 2>/dev/null | grep -o '/[^ ]*') && cp -L --parents $libraries "$0"
  [ -z "$name" ] || { mkdir -p "$0$(dirname $name)" && cp -rL $file "$0$name"; }
done`

function address(folder: string): string {
  return `unix://${folder}/docker.sock`
}
