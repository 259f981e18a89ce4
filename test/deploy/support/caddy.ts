/** Debian's Caddy with a folder of its own. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clean } from './app.ts'
import { without } from './lacks.ts'
import { answers } from './nginx.ts'
import { Daemon, run } from './run.ts'

export const withoutCaddy: string | false = without('caddy', 'caddy')

/**
 * @param port one of those on which it listens
 * @param sites what its Caddyfile has below the global options
 */
export async function runCaddy(folder: string, port: number, sites: string): Promise<Daemon> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'Caddyfile'), `{\n\tadmin off\n}\n${sites}`)
  const env = { ...clean(), HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
  const options = ['--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile']
  await run(['caddy', 'validate', ...options], { env })
  return Daemon.started(['caddy', 'run', ...options], () => answers(port), { env })
}
