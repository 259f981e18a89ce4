/** All settings of the server: exact types, nothing optional. `bridge.ts` decodes them from a document. */
import type { RedisAddress } from '../cluster/redis-address.ts'
import type { App } from '../core/app.ts'
import type { listening, operation } from './schema/server.ts'
import type { SettingsOf } from './settings.ts'

/** Their rows say what they mean; `Infinity` stands for no limit. */
type ServerSettings = SettingsOf<Omit<typeof listening, 'path' | 'hostname'>> & SettingsOf<typeof operation>

export type Config = ServerSettings & {
  /** `/prefix`, or empty. */
  readonly path: string
  readonly tls: Tls | null
  /** The cluster of this server; null where it runs alone. */
  readonly scaling: Scaling | null
  /** The flag of `reverb:restart`, where this server watches it itself; null where it does not. */
  readonly restart: RestartFlag | null
  readonly debug: boolean
  /** The running server from which this one takes over; null where there is none. */
  readonly handOver: HandOver | null
  /** The events of which the parent process is informed. */
  readonly events: ReadonlySet<EventName>
  /** Whether the parent acknowledges each line of events; otherwise a line counts as delivered when the pipe has accepted it. */
  readonly acknowledgesEvents: boolean
  readonly apps: readonly App[]
  /** The addresses at which the apps are reached from outside, each once, for the log. */
  readonly publicUrls: readonly string[]
}

export type HandOver = {
  /** The `host:port` on which that server listens. */
  readonly address: string
  /** Path of the Unix socket on which that server waits for this one: `peer` in the document. */
  readonly socketPath: string
}

export type Scaling<Redis = RedisServer> = {
  /** The Redis channel on which the servers publish. */
  readonly channel: string
  /** The key with which they sign. */
  readonly key: string
  readonly redis: Redis
}

/** What `reverb:restart` writes into Laravel's cache. */
export type RestartFlag<Redis = RedisServer> = {
  /** The key with all prefixes. */
  readonly key: string
  readonly redis: Redis
}

/** A RedisAddress whose certificates are not read yet. */
export type RedisServer = Omit<RedisAddress, 'tls'> & { readonly tls: RedisTlsFiles | null }

/** File names, as PHP's SSL context options of a client have them. */
export type RedisTlsFiles = {
  readonly caFile: string | null
  readonly certFile: string | null
  /** The file of the certificate, where the key has none of its own. */
  readonly keyFile: string | null
  readonly passphrase: string | null
  readonly verifiesPeer: boolean
  readonly verifiesName: boolean
  readonly name: string | null
}

/** File names, as PHP's SSL context options have them. */
export type Tls = {
  readonly certFile: string
  readonly keyFile: string
  readonly passphrase: string | null
  readonly caFile: string | null
  readonly verifyClients: boolean
}

export const eventNames = ['message_received', 'message_sent', 'channel_created', 'channel_removed', 'connection_pruned'] as const
export type EventName = (typeof eventNames)[number]
