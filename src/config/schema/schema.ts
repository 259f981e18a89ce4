/** Every setting of Revurb. `make schema` writes the tables of the documentation and what PHP needs from it. */
import { groups } from './groups.ts'
import { collectors, command, file, publicAddress, redisOfLaravel, source } from './php.ts'
import type { Group, Row } from './row.ts'

/** A row with all of its names. */
export type Setting = {
  /** In the document; null where the document does not have it. */
  readonly path: string | null
  /** In config/reverb.php; null where that does not have it. */
  readonly key: string | null
  readonly row: Row
}

const ofPhp: readonly Group[] = [
  { path: null, key: '', rows: file },
  { path: null, key: 'servers.reverb', rows: collectors },
  { path: null, key: 'servers.reverb.revurb', rows: command },
  { path: null, key: 'servers.reverb.scaling.server', rows: redisOfLaravel },
  { path: null, key: 'apps', rows: source },
  { path: 'apps.*.options', key: 'apps.apps.*.options', rows: publicAddress },
]

export const schema: readonly Setting[] = [...groups, ...ofPhp].flatMap(({ path, key, rows }) =>
  Object.values(rows).map(row => ({ path: below(path, row.name), key: below(key, row.name), row })),
)

function below(parent: string | null, name: string): string | null {
  return parent === '' ? name : parent && `${parent}.${name}`
}
