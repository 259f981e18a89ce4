/** Revurb's packages in a configured application, and the report of its doctor. */
import { join } from 'node:path'
import type { ConfiguredApp, Packages } from './configured-app.ts'

const root = join(import.meta.dir, '../../..')

export const packages: Packages = {
  vendor: join(root, 'vendor'),
  provider: 'Revurb\\RevurbServiceProvider',
  bun: join(root, 'node_modules/.bin/bun'),
}

/** Enough for `--check`, a start and the doctor on a busy machine. */
export const secondsPerApp = 300

/** What `reverb:doctor --json` prints. */
export type Report = {
  readonly checks: readonly { name: string; status: string; code: string; detail: string; fix: string | null }[]
}

export async function doctor(app: ConfiguredApp): Promise<Report> {
  const { output } = await app.run('reverb:doctor', '--json')
  const line = output.split('\n').find(text => text.startsWith('{'))
  if (line === undefined) throw new Error(`the doctor printed no report: ${output}`)
  return JSON.parse(line) as Report
}
