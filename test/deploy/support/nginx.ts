/** Debian's nginx with a folder of its own. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Daemon, run } from '../../support/child-process.ts'
import { clean } from '../../support/deployed-app.ts'
import { missingProgram } from '../../support/requirements.ts'

export const withoutNginx: string | false = missingProgram('nginx', 'nginx-light')

export type Front = {
  readonly folder: string
  readonly port: number
  /** The text of one of our files. */
  readonly stub: (file: string) => string
  /** The rest of the `server` block. */
  readonly site: string
}

/** Starts nginx with our stub, installed as its first comment describes. */
export function startNginx({ folder, port, stub, site }: Front): Promise<Daemon> {
  for (const name of ['conf.d', 'snippets']) mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'conf.d/revurb-map.conf'), stub('nginx/revurb-map.conf'))
  writeFileSync(join(folder, 'snippets/revurb.conf'), stub('nginx/revurb.conf'))
  const server = `server {
    listen 127.0.0.1:${port};
    include snippets/revurb.conf;
    ${site}
  }`
  return runNginx(folder, port, `include conf.d/*.conf;\n${server}`)
}

/**
 * @param port one of those on which it listens
 * @param http what its `http` block has
 */
export async function runNginx(folder: string, port: number, http: string): Promise<Daemon> {
  const command = await checkedNginx(folder, http)
  return Daemon.started([...command, '-g', 'daemon off;'], () => answers(port), { env: clean() })
}

/** @returns the command that starts it with that configuration. @throws with what nginx has against it */
export async function checkedNginx(folder: string, http: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true })
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path ${folder}/${name};`)
  writeFileSync(
    join(folder, 'nginx.conf'),
    `pid ${folder}/nginx.pid;
    error_log stderr;
    worker_processes 1;
    events { worker_connections 512; }
    http {
      access_log off;
      ${temporary.join('\n')}
      ${http}
    }`,
  )
  const command = ['nginx', '-e', 'stderr', '-c', join(folder, 'nginx.conf')]
  await run([...command, '-t'], { env: clean() })
  return command
}

/** Whether anything answers on the port, with whatever status. */
export async function answers(port: number): Promise<boolean> {
  try {
    await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2000) })
    return true
  } catch {
    return false
  }
}
