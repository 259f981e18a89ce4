/** The Redis over which servers scale. It is not measured, so it runs on the core of the load generator. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cores } from '../machine/cores.ts'
import { startProgram } from './start.ts'
import type { Server } from './target.ts'

export function startRedis(): Promise<Server> {
  return startProgram((host, port) => {
    const scratch = mkdtempSync(join(tmpdir(), 'revurb-bench-redis-'))
    const where = ['--port', String(port), '--bind', host, '--protected-mode', 'no', '--dir', scratch]
    return { command: ['redis-server', ...where, '--save', '', '--appendonly', 'no'], core: cores().load, scratch }
  })
}
