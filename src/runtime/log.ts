/** The log of the server: lines for people on a terminal, one JSON object a line in a pipe. */
import type { Output } from './output.ts'
import { visible } from './text.ts'

export type Level = 'debug' | 'info' | 'warn' | 'error'

/** Details of a log line. Never secrets. */
export type Context = Readonly<Record<string, unknown>>

/** @param code by which programs recognise the line, in kebab case: the sentence may change */
type Write = (message: string, context?: Context, code?: string) => void

export type Log = Readonly<Record<Level, Write>>

export type LogFormat = 'text' | 'json'

/** @param chosen undefined: text on a terminal, JSON in a pipe */
export function logFormat(chosen: LogFormat | undefined): LogFormat {
  return chosen ?? (process.stdout.isTTY ? 'text' : 'json')
}

export async function openLog(output: Output, debug: boolean, format: LogFormat): Promise<Log> {
  if (format === 'text') return terminalLog(debug)
  return jsonLog(
    line => output.write(line),
    () => new Date(),
    debug,
  )
}

export function jsonLog(write: (line: string) => void, now: () => Date, debug: boolean): Log {
  const at =
    (level: Level): Write =>
    (message, context, code) => {
      if (level === 'debug' && !debug) return
      write(JSON.stringify({ type: 'log', time: now().toISOString(), level, code, message, context }))
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** A server that starts under a supervisor has no terminal: loading consola would add 10 ms to a start of 60. */
export async function terminalLog(debug: boolean): Promise<Log> {
  const { createConsola } = await import('consola')
  const consola = createConsola({ level: debug ? 4 : 3, throttle: 0 })
  const at =
    (level: Level): Write =>
    (message, context) =>
      consola[level](terminalLine(message, context))
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** An error may have a stack trace, which is readable in lines only. Indented, none of them passes for a line of the log. */
const linesOf = 'error'

/** Clients have written much of it. */
export function terminalLine(message: string, context: Context = {}): string {
  const details = Object.entries(context).flatMap(([key, value]) => {
    if (value === undefined) return []
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return [` ${visible(key)}=${key === linesOf ? text.split('\n').map(visible).join('\n      ') : visible(text)}`]
  })
  return visible(message) + details.join('')
}
