/** The server under attack: a program of its own, on the servers' core. */
import { join } from 'node:path'
import type { Server } from '../../bench/contestants/contestant.ts'
import { startProgram } from '../../bench/contestants/start.ts'
import { app } from '../../bench/load/app.ts'
import { document } from '../support/command.ts'
import { signedQuery } from '../support/sign.ts'

/**
 * Stock settings, but for client events, for pings, as most clients here answer none, and for what a flood asks for.
 *
 * @param directory of a build
 * @throws when it does not start
 */
export function startTarget(directory: string, settings: object = {}): Promise<Server> {
  const usual = { accept_client_events_from: 'members', ping_interval: 3600 }
  const served = { app_id: app.id, key: app.key, secret: app.secret, ...usual, ...settings }
  return startProgram((host, port) => ({
    command: [process.execPath, '--no-env-file', join(directory, 'dist/revurb.js'), 'start'],
    stdin: `${JSON.stringify(document({ server: { host, port }, app: served }))}\n`,
  }))
}

/** The ids of a presence channel's members, as the API has them. */
export async function membersOf({ at: [at] }: Server, channel: string): Promise<string[]> {
  const path = `/apps/${app.id}/channels/${channel}/users`
  const answer = await fetch(`http://${at!.host}:${at!.port}${path}?${signedQuery(app, { method: 'GET', path })}`)
  const { users } = (await answer.json()) as { users: { id: string }[] }
  return users.map(({ id }) => id)
}
