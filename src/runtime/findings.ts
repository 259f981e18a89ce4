/** What `revurb check --json` prints: the faults and warnings of a document, for programs that show them in words or places of their own. */
import type { Context, Level, Log } from './log.ts'

export type Finding = {
  /** The path in the document, such as `server.port`; null for what concerns no key of it. */
  readonly path: string | null
  readonly level: Extract<Level, 'warn' | 'error'>
  /** The code of the log line. */
  readonly code: string
  readonly message: string
  /** The key in config/reverb.php, and its variable, where there is one. */
  readonly key?: string
  readonly variable?: string
}

/** A log that adds its warnings and errors to the list, and writes nothing. */
export function findingsLog(findings: Finding[]): Log {
  const at =
    (level: Finding['level']) =>
    (message: string, context: Context = {}, code = '') =>
      void findings.push({ path: null, level, code, message, ...context })
  return { debug() {}, info() {}, warn: at('warn'), error: at('error') }
}
