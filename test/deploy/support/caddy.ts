/** Debian's Caddy with a folder of its own. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Daemon, run } from '../../support/child-process.ts'
import { clean } from '../../support/deployed-app.ts'
import { missingProgram } from '../../support/requirements.ts'
import { answers } from './nginx.ts'

export const withoutCaddy: string | false = missingProgram('caddy', 'caddy')

/**
 * @param port one of those on which it listens
 * @param sites what its Caddyfile has below the global options
 */
export async function runCaddy(folder: string, port: number, sites: string): Promise<Daemon> {
  const { options, env } = await checkedCaddy(folder, sites)
  return Daemon.started(['caddy', 'run', ...options], () => answers(port), { env })
}

/** @returns what it starts with that configuration with. @throws with what Caddy has against it */
export async function checkedCaddy(folder: string, sites: string): Promise<{ options: string[]; env: Record<string, string> }> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'Caddyfile'), `{\n\tadmin off\n}\n${sites}`)
  const env = { ...clean(), HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
  const options = ['--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile']
  await run(['caddy', 'validate', ...options], { env })
  return { options, env }
}
