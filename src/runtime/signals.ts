/** Finds out which signals are ignored since the process started, as `nohup` does with SIGHUP: installing a handler would undo that. */
import { readFileSync } from 'node:fs'

/** Returns true also where the system does not report it, so that no handler is installed. */
export function isIgnored(signal: number, status = processStatus): boolean {
  const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status())?.[1]
  return mask === undefined || ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) === 1n
}

function processStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8')
  } catch {
    return ''
  }
}
