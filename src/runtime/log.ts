/** What the server says: lines for people on a terminal, one JSON object a line for whoever reads a pipe. */

export type Level = 'debug' | 'info' | 'warn' | 'error'

/** Details of a log line. Never secrets. */
export type Context = Readonly<Record<string, unknown>>

export type Log = Readonly<Record<Level, (message: string, context?: Context) => void>>

type Write = (line: string) => void

export function jsonLog(write: Write, now: () => Date, debug: boolean): Log {
  const at = (level: Level) => (message: string, context?: Context) => {
    if (level !== 'debug' || debug) write(JSON.stringify({ type: 'log', time: now().toISOString(), level, message, context }))
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** A server that starts under a supervisor has no terminal: loading consola would add 10 ms to a start of 60. */
export async function terminalLog(debug: boolean): Promise<Log> {
  const { createConsola } = await import('consola')
  const consola = createConsola({ level: debug ? 4 : 3, throttle: 0 })
  const at = (level: Level) => (message: string, context?: Context) =>
    context === undefined ? consola[level](message) : consola[level](message, context)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
