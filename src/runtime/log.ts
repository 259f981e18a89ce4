/** The log of the server: text on a terminal, one JSON object a line in a pipe. */
import type { Output } from './output.ts'
import { visible } from './text.ts'

export type Level = 'debug' | 'info' | 'warn' | 'error'

/** The details of a log line. They never hold secrets. */
export type Context = Readonly<Record<string, unknown>>

/** @param code a name in kebab case by which programs recognise the line: the sentence may change */
type Write = (message: string, context?: Context, code?: string) => void

export type Log = Readonly<Record<Level, Write>>

export type LogFormat = 'text' | 'json'

/** @param chosen the format of the command line; undefined: text on a terminal, JSON in a pipe */
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

/** How long a line may be, in bytes without its line feed. The parent skips a longer one. */
const maxLineBytes = 262_143
/** How much of each text is kept where a line is too long, in UTF-16 code units: an escaped one takes six bytes. */
const keptLength = 2000

export function jsonLog(write: (line: string) => void, now: () => Date, debug: boolean): Log {
  const at =
    (level: Level): Write =>
    (message, context, code) => {
      if (level !== 'debug' || debug) write(jsonLine({ time: now(), level, code, message, context }))
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Returns a function that writes the line which reports how many others were dropped. */
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

/** Cuts the texts of a line that would be too long, and leaves its details out where that is not enough. */
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

/** Loads consola, which takes 10 ms of a start of 60, only for a terminal: a server under a supervisor has none. */
async function terminalLog(output: Output, debug: boolean): Promise<Log> {
  const { createConsola } = await import('consola')
  // Through `Output`, because Bun's own buffer of a stream that is not read has no bound.
  const write = (text: string) => output.write(text.replace(/\n$/, ''))
  const stdout = { write, columns: process.stdout.columns } as unknown as NodeJS.WriteStream
  const consola = createConsola({ level: debug ? 4 : 3, throttle: 0, stdout })
  const at =
    (level: Level): Write =>
    (message, context) =>
      consola[level](terminalLine(message, context))
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** The detail that keeps its line feeds, because it may be a stack trace. It is indented, so that no line of it looks like one of the log. */
const multiLine = 'error'

/** Escapes message and details: clients have written parts of them. */
export function terminalLine(message: string, context: Context = {}): string {
  const details = Object.entries(context).flatMap(([key, value]) => {
    if (value === undefined) return []
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return [` ${visible(key)}=${key === multiLine ? text.split('\n').map(visible).join('\n      ') : visible(text)}`]
  })
  return visible(message) + details.join('')
}
