/** Why a start has failed: what is said of it, and the exit code. */
import { ConfigError } from '../config/bridge.ts'
import type { Config } from '../config/config.ts'
import { placeOf } from '../config/places.ts'
import { CannotListen } from '../server/address.ts'
import { type Holder, holderOf } from '../server/port.ts'
import { TlsFileError } from '../server/tls.ts'
import { exitCode } from './exit-code.ts'
import type { Log } from './log.ts'
import { clientText } from './text.ts'

/**
 * @param holder of the port, where it is in use
 * @returns CannotListen with one sentence; any other error as it is
 */
export function listenError(
  error: unknown,
  { host, port }: Pick<Config, 'host' | 'port'>,
  holder: (port: number) => Holder | undefined = holderOf,
): unknown {
  const another = `choose another port: ${placeOf('server.port')}.`
  switch ((error as { code?: string }).code) {
    case 'EADDRINUSE':
      return new CannotListen(`Port ${port} on ${host} is in use by ${nameOf(holder(port))}. End it, or ${another}`)
    case 'EACCES':
    case 'EPERM':
      return new CannotListen(`Listening on port ${port} is not allowed: ports below 1024 need privileges. Or ${another}`)
    case 'EADDRNOTAVAIL':
    // IPv6 is switched off.
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return new CannotListen(
        `Listening on ${host} is not possible: it is no address of this machine. See ${placeOf('server.host')}.`,
      )
    default:
      return error
  }
}

function nameOf(holder: Holder | undefined): string {
  if (holder === undefined) return 'another process, which this user cannot identify'
  const program = holder.program === '' ? '' : ` (${clientText(holder.program)})`
  return `process ${holder.pid}${program}`
}

/** Says it, and returns the exit code. */
export function failed(error: unknown, log: Log): number {
  if (error instanceof CannotListen) {
    log.error(error.message, undefined, 'cannot-listen')
    return exitCode.cannotListen
  }
  if (error instanceof ConfigError || error instanceof TlsFileError) {
    for (const line of error.message.split('\n')) log.error(line, undefined, 'config-fault')
    return exitCode.badConfig
  }
  log.error('The server could not start', { error: causeOf(error) }, 'start-failed')
  return exitCode.crashed
}

/** With its stack: what nobody foresaw must be findable. */
export function causeOf(error: unknown): string {
  return error instanceof Error ? error.stack || error.message : String(error)
}
