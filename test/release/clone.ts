/** A clone of HEAD with what bin/release needs of node_modules, as `npm ci` would install it. */
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dir, '../..')

type Locked = {
  readonly dependencies?: Readonly<Record<string, string>>
}

export type Output = { readonly code: number; readonly stdout: string; readonly stderr: string }

export class Clone {
  private constructor(readonly folder: string) {}

  static in(folder: string): Clone {
    const clone = new Clone(folder)
    // Without tags: one of this version is at an earlier commit, once that is released.
    run(['git', 'clone', '--quiet', '--no-tags', root, folder], root)
    for (const path of needed()) cpSync(join(root, path), join(folder, path), { recursive: true })
    mkdirSync(join(folder, 'node_modules/.bin'))
    symlinkSync(realpathSync(process.execPath), join(folder, 'node_modules/.bin/bun'))
    return clone
  }

  git(...args: string[]): string {
    return run(['git', '-c', 'user.name=A', '-c', 'user.email=a@localhost', ...args], this.folder).trim()
  }

  /** bin/release under another umask and environment. */
  release(args: readonly string[], { umask = '022', env = {} }: { umask?: string; env?: Record<string, string> } = {}): Output {
    const command = ['sh', '-c', `umask ${umask} && exec "$0" "$@"`, join(this.folder, 'bin/release'), ...args]
    const { exitCode, stdout, stderr } = Bun.spawnSync(command, { cwd: '/', env: { ...process.env, ...env }, stdin: 'ignore' })
    return { code: exitCode, stdout: stdout.toString(), stderr: stderr.toString() }
  }

  read(path: string): Buffer {
    return readFileSync(join(this.folder, path))
  }
}

export function run(command: string[], directory: string, env: Record<string, string> = {}): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, {
    cwd: directory,
    env: { ...process.env, ...env },
    stdin: 'ignore',
  })
  if (exitCode !== 0) throw new Error(`${command.join(' ')} ended with ${exitCode}:\n${stdout}${stderr}`)
  return stdout.toString()
}

/** What is bundled, and the packages with which a release is written. */
function needed(): string[] {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Required<Locked>
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> }
  const found = new Set<string>()
  const visit = (name: string) => {
    const path = `node_modules/${name}`
    if (found.has(path) || !existsSync(join(root, path))) return
    found.add(path)
    for (const required of Object.keys(packages[path]?.dependencies ?? {})) visit(required)
  }
  for (const name of [...Object.keys(dependencies), '@cyclonedx/cyclonedx-library', 'fflate']) visit(name)
  return [...found]
}
