/** The server under attack: a program of its own, on the servers' core. */
import { join } from 'node:path'
import { app } from 'revurb-bench/load/app.ts'
import { startProgram } from 'revurb-bench/targets/start.ts'
import type { Server } from 'revurb-bench/targets/target.ts'
import { document } from '../support/command.ts'
import { signedQuery } from '../support/sign.ts'

type Settings = {
  /** Settings of the app, in the server's document. */
  readonly app?: object
  readonly server?: object
  readonly scaling?: object
  /** The file that the log is written to; without it only its end is kept. */
  readonly log?: string
}

/**
 * Stock settings, but for client events, for pings, as most clients here answer none, and for what is asked for.
 *
 * @param directory of a build
 * @throws when it does not start
 */
export function startTarget(directory: string, { app: changes, server, scaling, log }: Settings = {}): Promise<Server> {
  const usual = { accept_client_events_from: 'members', ping_interval: 3600 }
  const served = { app_id: app.id, key: app.key, secret: app.secret, ...usual, ...changes }
  const command = [process.execPath, '--no-env-file', join(directory, 'dist/revurb.js'), 'start']
  return startProgram((host, port) => ({
    command: log === undefined ? command : ['sh', '-c', 'exec "$@" > "$0"', log, ...command],
    stdin: `${JSON.stringify(document({ server: { host, port, ...server }, app: served, ...(scaling && { scaling }) }))}\n`,
  }))
}

/** The ids of a presence channel's members, as the API has them. */
export async function membersOf({ at: [at] }: Server, channel: string): Promise<string[]> {
  const path = `/apps/${app.id}/channels/${channel}/users`
  const answer = await fetch(`http://${at!.host}:${at!.port}${path}?${signedQuery(app, { method: 'GET', path })}`)
  const { users } = (await answer.json()) as { users: { id: string }[] }
  return users.map(({ id }) => id)
}
