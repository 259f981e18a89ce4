/** `revurb check`: validates a document, and the host and the files that it names, without starting a server. */
import { fieldsOf, sentence } from '../config/places.ts'
import { authority } from '../server/address.ts'
import { readDocument } from './document.ts'
import { exitCode } from './exit-code.ts'
import { reportFailure } from './failure.ts'
import { type Finding, findingsLog } from './findings.ts'
import { lines } from './lines.ts'
import { type Context, droppedLine, type Log, type LogFormat, openLog } from './log.ts'
import { Output } from './output.ts'
import { prepare } from './prepare.ts'

/** Writes what it finds to a log. Resolves with the exit code. */
export async function check(configFile: string | undefined, format: LogFormat = 'text'): Promise<number> {
  const output = new Output(process.stdout, droppedLine(format))
  // The sentence names the key and the variable already; programs get them as fields.
  const detail = (path: string) => (format === 'json' ? fieldsOf(path) : undefined)
  const code = await judge(configFile, await openLog(output, false, format), detail)
  await output.taken()
  return code
}

/** Writes what it finds as one list in JSON. Resolves with the exit code. */
export async function listFindings(configFile: string | undefined): Promise<number> {
  const output = new Output(process.stdout, droppedLine('json'))
  const findings: Finding[] = []
  const detail = (path: string) => (path === '' ? undefined : { path, ...fieldsOf(path) })
  const code = await judge(configFile, findingsLog(findings), detail)
  output.send(JSON.stringify(findings))
  await output.taken()
  return code
}

/** @param detail returns the fields that a line has beside the sentence, for a path of the document */
async function judge(configFile: string | undefined, log: Log, detail: (path: string) => Context | undefined): Promise<number> {
  try {
    const text = await readDocument(configFile, configFile === undefined ? lines(process.stdin) : undefined, log)
    const { config, warnings } = await prepare(text, new Date())
    for (const warning of warnings) log.warn(sentence(warning), detail(warning.path), 'config-warning')
    const address = `${authority(config.host, config.port)}${config.path}`
    log.info(`The configuration is valid: ${config.apps.length} app(s) on ${address}`, undefined, 'config-sound')
    return exitCode.stopped
  } catch (error) {
    return reportFailure(error, log, detail)
  }
}
