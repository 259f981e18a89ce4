/** Reads the configuration document, from a file or from stdin. */
import { readFileSync, statSync } from 'node:fs'
import { ConfigError } from '../config/bridge.ts'
import type { Log } from './log.ts'

/**
 * Returns the whole of a file, or the first line of the input.
 *
 * @throws ConfigError when there is nothing to read
 */
export async function readDocument(
  file: string | undefined,
  input: AsyncGenerator<string> | undefined,
  log: Log,
): Promise<string> {
  if (file !== undefined) return readFile(file, log)
  if (process.stdin.isTTY)
    throw new ConfigError([{ path: '', message: 'No configuration: give a file with --config FILE, or the document on stdin.' }])
  const first = await input?.next()
  return first?.value ?? ''
}

function readFile(file: string, log: Log): string {
  try {
    const text = readFileSync(file, 'utf8')
    if ((statSync(file).mode & 0o004) !== 0)
      log.warn(
        `${file} holds secrets and can be read by every user of this machine: chmod 640 it`,
        undefined,
        'config-readable-by-all',
      )
    return text
  } catch (error) {
    throw new ConfigError([{ path: '', message: `The configuration cannot be read: ${(error as Error).message}` }])
  }
}
