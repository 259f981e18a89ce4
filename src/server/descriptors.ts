/** How many sockets the process may have open. At the end of its file descriptors Bun spins: the server stops well before. */
import { readFileSync } from 'node:fs'

/** For the listener, the HTTP API and log files. */
const reserve = 128

export type Descriptors = {
  /** The soft limit of file descriptors; infinity where there is none, or where it cannot be read. */
  readonly limit: number
  /** The sockets that fit under it. */
  readonly sockets: number
}

export function descriptors(limits = readLimits()): Descriptors {
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1]
  const limit = soft === undefined || soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
  return { limit, sockets: Math.max(1, limit - reserve) }
}

/** Linux says it; elsewhere the text is empty. */
function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return ''
  }
}
