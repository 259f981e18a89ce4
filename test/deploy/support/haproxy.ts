/** Debian's HAProxy with a folder of its own. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Daemon, run } from '../../support/child-process.ts'
import { clean } from '../../support/deployed-app.ts'
import { missingProgram } from '../../support/requirements.ts'
import { answers } from './nginx.ts'

export const withoutHaproxy: string | false = missingProgram('haproxy', 'haproxy')

/**
 * @param port one of those on which it listens
 * @param sections its frontends and backends
 */
export async function runHaproxy(folder: string, port: number, sections: string): Promise<Daemon> {
  const config = await checkedHaproxy(folder, sections)
  return Daemon.started(['haproxy', '-db', '-f', config], () => answers(port), { env: clean() })
}

/** @returns its configuration file. @throws with what HAProxy has against it */
export async function checkedHaproxy(folder: string, sections: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const config = join(folder, 'haproxy.cfg')
  writeFileSync(
    config,
    `defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s

${sections}
`,
  )
  await run(['haproxy', '-c', '-f', config], { env: clean() })
  return config
}
