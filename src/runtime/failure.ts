/** Why a start has failed: what is said of it, and the exit code. */
import { ConfigError } from '../config/bridge.ts'
import type { Config } from '../config/config.ts'
import { placeOf } from '../config/places.ts'
import { CannotListen } from '../server/address.ts'
import { TlsFileError } from '../server/tls.ts'
import { exitCode } from './exit-code.ts'
import type { Log } from './log.ts'

/** @returns CannotListen with one sentence; any other error as it is */
export function listenError(error: unknown, { host, port }: Pick<Config, 'host' | 'port'>): unknown {
  const another = `choose another port: ${placeOf('server.port')}.`
  switch ((error as { code?: string }).code) {
    case 'EADDRINUSE':
      return new CannotListen(`Port ${port} on ${host} is in use: another server listens there. End it, or ${another}`)
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
