/** Carries out what the parent says on stdin. */
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
        'The apps cannot be looked up: clients of unknown ones are told to come back later',
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
  log.warn('A command on stdin was not understood and was ignored', undefined, 'command-ignored')
}

/** A list with a fault in it changes nothing. */
function replaceApps(list: unknown, admin: Admin, log: Log): void {
  const report = new Report()
  const apps = decodeApps(list, report)
  for (const warning of report.warnings) log.warn(sentence(warning), undefined, 'config-warning')
  if (report.faults.length > 0) {
    for (const fault of report.faults) log.error(sentence(fault), undefined, 'config-fault')
    log.error('The apps were not changed', undefined, 'apps-unchanged')
    return
  }
  for (const app of apps) {
    if (app.maxMessageBytes > admin.maxMessageBytes)
      log.warn(`The max_message_size of app ${app.id} takes effect with the next reverb:restart`, undefined, 'restart-needed')
  }
  const before = new Set(admin.apps.map(({ id }) => id))
  const added = apps.filter(({ id }) => !before.has(id)).length
  admin.replaceApps(apps)
  log.info('Apps were read anew', { apps: apps.length, added, removed: before.size + added - apps.length }, 'apps-changed')
}
