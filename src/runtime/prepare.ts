/** Validates the document, the host and the files before a server listens. `revurb check` does the same, and no more. */
import type { RedisAddress } from '../cluster/redis-address.ts'
import { decodeDocument } from '../config/bridge.ts'
import type { Config, RedisServer, RestartFlag, Scaling } from '../config/config.ts'
import type { Fault } from '../config/decode.ts'
import { listenAddress } from '../server/address.ts'
import { certificateDates, redisAddress, tlsOptions } from '../server/tls.ts'

export type Prepared = {
  /** Its host is an address. */
  readonly config: Config
  readonly warnings: readonly Fault[]
  readonly tls: Bun.TLSOptions | null
  readonly scaling: Scaling<RedisAddress> | null
  readonly restart: RestartFlag<RedisAddress> | null
}

/** @throws ConfigError, CannotListen or TlsFileError */
export async function prepare(text: string, now: Date): Promise<Prepared> {
  const { config, warnings } = decodeDocument(text)
  const { scaling, restart, tls } = config
  return {
    config: { ...config, host: await listenAddress(config.host) },
    tls: tls && tlsOptions(tls),
    scaling: scaling && { ...scaling, redis: redisAddress(scaling.redis, scalingPlace) },
    restart: restart && { ...restart, redis: redisAddress(restart.redis, restartPlace) },
    warnings: [...warnings, ...certificates(config).flatMap(([file, setting]) => certificateDates(file, setting, now))],
  }
}

const scalingPlace = 'scaling.server'
const restartPlace = 'restart.server'

/** The certificates by which the server identifies itself, each with the setting that names it. */
function certificates({ tls, scaling, restart }: Config): [file: string, setting: string][] {
  const own = tls === null ? [] : [[tls.certFile, 'server.tls.local_cert'] as [string, string]]
  return [...own, ...ofRedis(scaling?.redis, scalingPlace), ...ofRedis(restart?.redis, restartPlace)]
}

function ofRedis(redis: RedisServer | undefined, place: string): [file: string, setting: string][] {
  const file = redis?.tls?.certFile
  return file === undefined || file === null ? [] : [[file, `${place}.tls.local_cert`]]
}
