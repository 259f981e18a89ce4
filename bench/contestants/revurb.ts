/** This server, as a user starts it. */
import packageJson from '../../package.json'
import { document, program } from '../../test/support/command.ts'
import { app } from '../load/app.ts'
import type { Contestant, Server } from './contestant.ts'
import { startProgram } from './start.ts'

export const revurb: Contestant = {
  id: 'revurb',
  name: 'Revurb',
  maxSockets: Number.POSITIVE_INFINITY,
  version: () => `${packageJson.version}, Bun ${Bun.version}`,
  start: () => startRevurb(),
}

/** @param scaling as the document has it */
export function startRevurb(scaling: object = { enabled: false }): Promise<Server> {
  return startProgram((host, port) => ({
    command: [process.execPath, '--no-env-file', program, 'start'],
    stdin: `${JSON.stringify(content(host, port, scaling))}\n`,
  }))
}

/**
 * The defaults, but for pings, as the load answers none, and for what one client may send, as one client sends all that there is. What
 * counts a message is the same without a bound.
 */
function content(host: string, port: number, scaling: object): object {
  const served = { app_id: app.id, key: app.key, secret: app.secret, ping_interval: 3600 }
  const unbounded = { max_messages_per_second: 0, max_bytes_per_second: 0 }
  return document({ server: { host, port, ...unbounded }, app: served, scaling })
}
