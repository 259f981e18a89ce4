/** Debian's Apache with a folder of its own, and the modules that its documentation has for WebSockets. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Daemon, run } from '../../support/child-process.ts'
import { clean } from '../../support/deployed-app.ts'
import { missingProgram } from '../../support/requirements.ts'
import { answers } from './nginx.ts'

export const withoutApache: string | false = missingProgram('apache2', 'apache2-bin')

const modules = ['mpm_event', 'alias', 'authz_core', 'authz_host', 'headers', 'proxy', 'proxy_http', 'proxy_wstunnel', 'rewrite']

/**
 * @param ports those on which it listens
 * @param hosts its `<VirtualHost>`s
 */
export async function runApache(folder: string, ports: readonly number[], hosts: string): Promise<Daemon> {
  const config = await checkedApache(folder, ports, hosts)
  return Daemon.started(['apache2', '-f', config, '-DFOREGROUND'], () => answers(ports[0]!), { env: clean() })
}

/** @returns its configuration file. @throws with what Apache has against it */
export async function checkedApache(folder: string, ports: readonly number[], hosts: string): Promise<string> {
  mkdirSync(join(folder, 'site'), { recursive: true })
  const config = join(folder, 'apache2.conf')
  writeFileSync(
    config,
    `ServerRoot ${folder}
    ServerName localhost
    PidFile ${folder}/apache2.pid
    DefaultRuntimeDir ${folder}
    ErrorLog ${folder}/error.log
    DocumentRoot ${folder}/site
    # Each WebSocket takes a thread, and where none is left, or a client is slow, Apache ends connections that could be used again.
    ThreadsPerChild 64
    MaxRequestWorkers 512
    KeepAliveTimeout 60
    ${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
    ${modules.map(name => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
    ${ports.map(port => `Listen 127.0.0.1:${port}`).join('\n')}
    ${hosts}
    `,
  )
  await run(['apache2', '-f', config, '-t'], { env: clean() })
  return config
}
