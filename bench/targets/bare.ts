/** Bare Bun: the most that Bun can do on this machine. */
import { join } from 'node:path'
import { startProgram } from './start.ts'
import type { Target } from './target.ts'

const program = join(import.meta.dir, 'bare/server.ts')

export const bare: Target = {
  id: 'bare',
  name: 'bare Bun',
  maxSockets: Number.POSITIVE_INFINITY,
  version: () => Bun.version,
  start: () => startProgram((host, port) => ({ command: [process.execPath, '--no-env-file', program, host, String(port)] })),
}
