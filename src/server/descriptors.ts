/** How many sockets the process may have open. Without a free file descriptor Bun busy-loops, so the server refuses connections before. */
import { readdirSync, readFileSync, statSync } from 'node:fs'

/** Descriptors that are kept for the listener, the HTTP API and log files. */
const reserve = 128

export type Descriptors = {
  /** The soft limit of file descriptors; infinity where there is none, or where it cannot be read. */
  readonly limit: number
  /** How many sockets fit below that limit. */
  readonly sockets: number
}

export function descriptors(limits = readLimits()): Descriptors {
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1]
  const limit = soft === undefined || soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
  return { limit, sockets: Math.max(1, limit - reserve) }
}

/**
 * Returns how many descriptors are open; 0 where the system does not report it. Since Linux 6.2 their number is the size of the
 * directory, which takes 2 µs to read; on earlier kernels the entries have to be read, which takes 17 ms with 20,000 of them.
 *
 * @param folder the directory that holds an entry for each descriptor
 */
export function openDescriptors(folder = '/proc/self/fd'): number {
  try {
    return statSync(folder).size || readdirSync(folder).length
  } catch (error) {
    // No descriptor is left with which to read the folder.
    return (error as { code?: string }).code === 'EMFILE' ? Number.POSITIVE_INFINITY : 0
  }
}

/** Returns an empty text on systems other than Linux. */
function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return ''
  }
}
