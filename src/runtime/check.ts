/** `revurb check`: says what is wrong with a document and starts nothing. */
import { decodeDocument } from '../config/bridge.ts'
import { sentence } from '../config/places.ts'
import { lines } from '../server/lines.ts'
import { readDocument } from './document.ts'
import { exitCode } from './exit-code.ts'
import { failed } from './failure.ts'
import { terminalLog } from './log.ts'

/** Resolves with the exit code. */
export async function check(configFile: string | undefined): Promise<number> {
  const log = terminalLog(false)
  try {
    const text = await readDocument(configFile, configFile === undefined ? lines(process.stdin) : undefined, log)
    const { config, warnings } = decodeDocument(text)
    for (const warning of warnings) log.warn(sentence(warning))
    log.info(`The configuration is sound: ${config.apps.length} app(s) on ${config.host}:${config.port}${config.path}`)
    return exitCode.stopped
  } catch (error) {
    return failed(error, log)
  }
}
