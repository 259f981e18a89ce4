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
  if (format === 'text') return terminalLog(output, debug)
  return jsonLog(
    line => output.write(line),
    () => new Date(),
    debug,
  )
}

/** Bytes of a line without its end. The parent skips a line that is longer. */
const maxLineBytes = 262_143
/** In UTF-16 code units, of a text of a line that is too long as a whole: six bytes each where they are escaped. */
const keptLength = 2000

export function jsonLog(write: (line: string) => void, now: () => Date, debug: boolean): Log {
  const at =
    (level: Level): Write =>
    (message, context, code) => {
      if (level !== 'debug' || debug) write(jsonLine({ time: now(), level, code, message, context }))
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** What writes the line that reports how many others were dropped, because nobody read them. */
export function droppedLine(format: LogFormat): (count: number) => string {
  const message = 'Lines of the log were dropped: the program that reads the log of this server stopped reading for a while'
  if (format === 'text') return count => `WARN ${terminalLine(message, { count })}`
  return count => jsonLine({ time: new Date(), level: 'warn', code: 'log-lines-dropped', message, context: { count } })
}

type Entry = {
  readonly time: Date
  readonly level: Level
  readonly code: string | undefined
  readonly message: string
  readonly context: Context | undefined
}

/** Of bounded length: texts are cut where the line would be too long, and the details are left out where that is not enough. */
function jsonLine(entry: Entry): string {
  const line = JSON.stringify({ type: 'log', ...entry })
  if (fits(line)) return line
  const details = Object.entries(entry.context ?? {})
  const context = Object.fromEntries(details.map(([key, value]) => [key, typeof value === 'string' ? cut(value) : value]))
  const shorter = { type: 'log', ...entry, message: cut(entry.message) }
  const cutLine = JSON.stringify({ ...shorter, context })
  return fits(cutLine) ? cutLine : JSON.stringify({ ...shorter, context: { omitted: `${line.length} characters` } })
}

function fits(line: string): boolean {
  return Buffer.byteLength(line) <= maxLineBytes
}

function cut(text: string): string {
  return text.length <= keptLength ? text : `${text.slice(0, keptLength)}… (${text.length} characters)`
}

/** A server that starts under a supervisor has no terminal: loading consola would add 10 ms to a start of 60. */
async function terminalLog(output: Output, debug: boolean): Promise<Log> {
  const { createConsola } = await import('consola')
  // Of a stream that is not read, Bun would keep whatever is written.
  const write = (text: string) => output.write(text.replace(/\n$/, ''))
  const stdout = { write, columns: process.stdout.columns } as unknown as NodeJS.WriteStream
  const consola = createConsola({ level: debug ? 4 : 3, throttle: 0, stdout })
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
