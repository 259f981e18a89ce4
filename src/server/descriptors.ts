/** How many sockets the process may have open. At the end of its file descriptors Bun spins: the server stops well before. */
import { readFileSync } from 'node:fs'

/** For the listener, the HTTP API and log files. */
const reserve = 128

/** Sockets that fit under the soft limit of file descriptors; infinity where the limit cannot be read. */
export function maxSockets(limits = readLimits()): number {
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1]
  if (soft === undefined || soft === 'unlimited') return Number.POSITIVE_INFINITY
  return Math.max(1, Number(soft) - reserve)
}

/** Linux says it; elsewhere the text is empty. */
function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return ''
  }
}
