/** Explains why a start has failed: what is logged, and the exit code. */
import { ConfigError } from '../config/bridge.ts'
import type { Config } from '../config/config.ts'
import { placeOf, sentence } from '../config/places.ts'
import { authority, CannotListen } from '../server/address.ts'
import { type Holder, holderOf } from '../server/port.ts'
import { TlsFileError } from '../server/tls.ts'
import { exitCode } from './exit-code.ts'
import type { Context, Log } from './log.ts'
import { clientText } from './text.ts'

/**
 * @param holder finds the process that has the port, where it is in use
 * @returns CannotListen, with one sentence that says what to do; any other error as it is
 */
export function listenError(
  error: unknown,
  { host, port, handOver }: Pick<Config, 'host' | 'port' | 'handOver'>,
  holder: (port: number, host: string) => Holder | undefined = holderOf,
): unknown {
  const another = `choose another port: ${placeOf('server.port')}.`
  switch ((error as { code?: string }).code) {
    case 'EADDRINUSE':
      if (handOver !== null && covers(handOver.address, host, port))
        return new CannotListen(
          `Port ${port} on ${host} is in use by the running server itself, which listens on ${handOver.address}: a restart does not change the host. Stop the server and start it again.`,
          'server.host',
        )
      return new CannotListen(
        `Port ${port} on ${host} is in use by ${nameOf(holder(port, host))}. End it, or ${another}`,
        'server.port',
      )
    case 'EACCES':
    case 'EPERM':
      return new CannotListen(
        `Listening on port ${port} is not allowed: ports below 1024 need privileges. Or ${another}`,
        'server.port',
      )
    case 'EADDRNOTAVAIL':
    // IPv6 is switched off.
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return new CannotListen(
        `Listening on ${host} is not possible: it is no address of this machine. See ${placeOf('server.host')}.`,
        'server.host',
      )
    default:
      return error
  }
}

/** The hosts that mean every address of this machine. */
const everywhere = ['0.0.0.0', '::']

/** Whether a server with that address has the port on this host, too. On the same address a hand-over shares the port. */
function covers(address: string, host: string, port: number): boolean {
  if (address === authority(host, port)) return false
  return everywhere.includes(host) ? address.endsWith(`:${port}`) : everywhere.some(any => address === authority(any, port))
}

function nameOf(holder: Holder | undefined): string {
  if (holder === undefined) return 'another process, which this user cannot identify'
  const program = holder.program === '' ? '' : ` (${clientText(holder.program)})`
  return `process ${holder.pid}${program}`
}

/**
 * Logs the error, and returns the exit code.
 *
 * @param detail returns the fields that a line has beside the sentence, for a fault at a path of the document
 */
export function reportFailure(error: unknown, log: Log, detail: (path: string) => Context | undefined = () => undefined): number {
  if (error instanceof CannotListen) {
    log.error(error.message, detail(error.path), 'cannot-listen')
    return exitCode.cannotListen
  }
  if (error instanceof ConfigError) {
    for (const fault of error.faults) log.error(sentence(fault), detail(fault.path), 'config-fault')
    return exitCode.badConfig
  }
  if (error instanceof TlsFileError) {
    log.error(error.message, detail(error.path), 'config-fault')
    return exitCode.badConfig
  }
  log.error('The server could not start', { error: causeOf(error) }, 'start-failed')
  return exitCode.crashed
}

/** Includes the stack: it is what leads to the cause of an unexpected error. */
export function causeOf(error: unknown): string {
  return error instanceof Error ? error.stack || error.message : String(error)
}
