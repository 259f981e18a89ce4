/** This repository's server, as a user starts it: the bundled program, with its settings on stdin. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'
import { app } from '../load/app.ts'
import { startProgram } from './start.ts'
import type { Server, Target } from './target.ts'

const root = join(import.meta.dir, '../..')
const program = join(root, 'dist/revurb.js')

export const revurb: Target = {
  id: 'revurb',
  name: 'Revurb',
  maxSockets: Number.POSITIVE_INFINITY,
  install: requireBuilt,
  version: () => `${Bun.spawnSync([process.execPath, program, '--version']).stdout.toString().trim()}, Bun ${Bun.version}`,
  start: () => startRevurb(),
}

/** @param scaling as the server's settings have it */
export function startRevurb(scaling: object = { enabled: false }): Promise<Server> {
  return startProgram((host, port) => ({
    command: [process.execPath, '--no-env-file', program, 'start'],
    stdin: `${JSON.stringify(settings(host, port, scaling))}\n`,
  }))
}

/** Measuring a program that is older than its sources would measure another commit than the results name. */
async function requireBuilt(): Promise<void> {
  const sources = [...new Glob('src/**/*.ts').scanSync(root)].map(file => statSync(join(root, file)).mtimeMs)
  const built = statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (built < Math.max(...sources)) throw new Error('dist/revurb.js is missing or older than src/: run "make build"')
}

/**
 * The defaults, with two exceptions: pings are an hour apart, as the load answers none, and the rate limits of one connection are
 * off, as a single client sends all whispers. The server counts a client's messages whether or not there is a limit.
 */
function settings(host: string, port: number, scaling: object): object {
  return {
    version: 1,
    server: { host, port, max_messages_per_second: 0, max_bytes_per_second: 0 },
    apps: [{ app_id: app.id, key: app.key, secret: app.secret, ping_interval: 3600 }],
    scaling,
  }
}
