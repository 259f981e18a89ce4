/** What Bun itself can do. */
import { join } from 'node:path'
import type { Contestant } from './contestant.ts'
import { startProgram } from './start.ts'

const program = join(import.meta.dir, 'bare/server.ts')

export const bare: Contestant = {
  id: 'bare',
  name: 'bare Bun',
  maxSockets: Number.POSITIVE_INFINITY,
  version: () => Bun.version,
  start: () => startProgram((host, port) => ({ command: [process.execPath, '--no-env-file', program, host, String(port)] })),
}
