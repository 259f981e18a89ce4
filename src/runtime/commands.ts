/** Executes the commands that the parent writes to stdin. */
import { decodeApps } from '../config/app.ts'
import { Report } from '../config/decode.ts'
import { sentence } from '../config/places.ts'
import type { Admin } from '../server/admin.ts'
import type { Command } from './control.ts'
import type { Log } from './log.ts'

/** @param command undefined: a line that is no command */
export function execute(command: Command | undefined, admin: Admin, log: Log): void {
  switch (command?.command) {
    case 'apps':
      replaceApps(command.apps, admin, log)
      break
    case 'apps-unreachable':
      admin.markAppsUnavailable()
      log.warn(
        'The apps cannot be looked up: connections with an unknown key are closed with 4100, on which their clients reconnect',
        undefined,
        'apps-lookup-failed',
      )
      break
    case 'send':
      if (!admin.send(command.app, command.socket, command.message)) ignored(log)
      break
    case 'disconnect':
      if (!admin.disconnect(command.app, command.socket)) ignored(log)
      break
    default:
      ignored(log)
  }
}

function ignored(log: Log): void {
  log.warn('A command on stdin was ignored: it is not valid, or names an unknown app', undefined, 'command-ignored')
}

/** A list with a fault is rejected as a whole. */
function replaceApps(list: unknown, admin: Admin, log: Log): void {
  const report = new Report()
  const apps = decodeApps(list, report)
  for (const warning of report.warnings) log.warn(sentence(warning), undefined, 'config-warning')
  if (report.faults.length > 0) {
    for (const fault of report.faults) log.error(sentence(fault), undefined, 'config-fault')
    log.error('The apps were not changed: correct the faults above', undefined, 'apps-unchanged')
    return
  }
  for (const app of apps) {
    if (app.maxMessageBytes > admin.maxMessageBytes)
      log.warn(`The max_message_size of app ${app.id} takes effect with the next reverb:restart`, undefined, 'restart-needed')
  }
  const before = new Set(admin.apps.map(({ id }) => id))
  const added = apps.filter(({ id }) => !before.has(id)).length
  admin.replaceApps(apps)
  log.info('Applications reloaded', { apps: apps.length, added, removed: before.size + added - apps.length }, 'apps-changed')
}
