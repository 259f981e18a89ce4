/** Carries out what the parent says on stdin. */
import { decodeApps } from '../config/app.ts'
import { Report } from '../config/decode.ts'
import { sentence } from '../config/places.ts'
import type { RunningServer } from '../server/server.ts'
import type { Command } from './control.ts'
import type { Log } from './log.ts'

type Commandable = Pick<RunningServer, 'hub' | 'executor' | 'membership' | 'maxMessageBytes'>

/** @param command undefined: a line that was none */
export function carryOut(command: Command | undefined, server: Commandable, nowMs: number, log: Log): void {
  const { hub, executor } = server
  if (command?.command === 'apps') {
    replaceApps(command.apps, server, nowMs, log)
  } else if (command?.command === 'apps-unreachable') {
    hub.forgetWhichAppsThereAre()
    log.warn('The apps cannot be looked up: clients of unknown ones are told to come back later', undefined, 'apps-lookup-failed')
  } else {
    const app = command !== undefined && 'app' in command ? hub.state.apps.byId.get(command.app) : undefined
    if (command === undefined || app === undefined)
      log.warn('A command on stdin was not understood and was ignored', undefined, 'command-ignored')
    else if (command.command === 'send') executor.apply(hub.send(app, command.socket, command.message))
    else if (command.command === 'disconnect') executor.apply(hub.disconnect(app, command.socket, nowMs))
  }
}

/** A list with a fault in it changes nothing. */
function replaceApps(list: unknown, { hub, executor, membership, maxMessageBytes }: Commandable, nowMs: number, log: Log): void {
  const report = new Report()
  const apps = decodeApps(list, report)
  for (const warning of report.warnings) log.warn(sentence(warning), undefined, 'config-warning')
  if (report.faults.length > 0) {
    for (const fault of report.faults) log.error(sentence(fault), undefined, 'config-fault')
    log.error('The apps were not changed', undefined, 'apps-unchanged')
    return
  }
  for (const app of apps) {
    if (app.maxMessageBytes > maxMessageBytes)
      log.warn(`The max_message_size of app ${app.id} takes effect with the next reverb:restart`, undefined, 'restart-needed')
  }
  const before = hub.state.apps.byId
  const added = apps.filter(app => !before.has(app.id)).length
  executor.apply(hub.replaceApps(apps, nowMs))
  membership.refresh()
  log.info('Apps were read anew', { apps: apps.length, added, removed: before.size + added - apps.length }, 'apps-changed')
}
