/**
 * Where people configure what the document contains: the key in config/reverb.php and, where the published file reads one, the variable of
 * .env and the option of `reverb:start`.
 */
import type { Fault } from './decode.ts'
import { groups } from './schema/groups.ts'
import type { Row } from './schema/row.ts'

/** The place of a path, such as `servers.reverb.port (REVERB_SERVER_PORT, --port)`. */
export function placeOf(path: string): string {
  const names = namesOf(path)
  return names.length === 0 ? keyOf(path) : `${keyOf(path)} (${names.join(', ')})`
}

/** The place of a path for programs: the key, and the variable where there is one. */
export function fieldsOf(path: string): { readonly key?: string; readonly variable?: string } {
  if (path === '') return {}
  const [variable] = namesOf(path)
  return variable === undefined ? { key: keyOf(path) } : { key: keyOf(path), variable }
}

/** A fault or a warning as a sentence for people. */
export function sentence({ path, message }: Fault): string {
  return path === '' ? message : `${placeOf(path)} ${message}`
}

/** The variable and the option of a path. Of several apps, only the first has variables. */
function namesOf(path: string): string[] {
  const row = settingAt(path.replace(/^apps\.0\./, 'apps.*.'))?.row
  return [row?.variable, row?.option].filter(name => name !== undefined)
}

function keyOf(path: string): string {
  const key = settingAt(path.replace(/^apps\.\d+\./, 'apps.*.'))?.key
  return key == null ? keyOfUnknown(path) : key.replace('*', path.split('.')[1]!)
}

/** Searched for each fault, because a table of all paths would take time at every start. */
function settingAt(path: string): { readonly key: string | null; readonly row: Row } | undefined {
  const [, parent, name] = /^(?:(.*)\.)?(.*)$/.exec(path)!
  for (const group of groups) {
    const row = group.path === (parent ?? '') ? Object.values(group.rows).find(candidate => candidate.name === name) : undefined
    if (row !== undefined) return { key: group.key && `${group.key}.${name}`, row }
  }
  return undefined
}

/** The key of a path that is no setting: of a group, or of a key that does not exist. */
function keyOfUnknown(path: string): string {
  if (/^apps\b/.test(path)) return `apps.${path}`
  if (/^scaling\b/.test(path)) return `servers.reverb.${path.replace('scaling.server.tls.', 'scaling.server.context.stream.')}`
  if (/^server\.tls\b/.test(path)) return path.replace('server', 'servers.reverb.options')
  return path.replace(/^server\./, 'servers.reverb.revurb.')
}
