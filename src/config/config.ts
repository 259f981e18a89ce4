/** Everything the server runs by: exact types, nothing optional. `bridge.ts` makes one from a document. */
import type { RedisAddress } from '../cluster/redis-address.ts'
import type { App } from '../core/app.ts'

export type Config = {
  readonly host: string
  readonly port: number
  /** `/prefix`, or empty. */
  readonly path: string
  readonly maxRequestBytes: number
  readonly drainSeconds: number
  /** By how much the timestamp of a signed request may be off. */
  readonly timestampToleranceSeconds: number
  /** What may wait for one slow socket before it is closed. */
  readonly maxQueuedBytes: number
  /** For all clients together; infinite where there is no bound. */
  readonly maxTotalQueuedBytes: number
  /** What one client may send, in messages and in bytes; infinity where that is not bounded. */
  readonly maxMessagesPerSecond: number
  readonly maxBytesPerSecond: number
  /** For how long the answer to a publish with an idempotency key is remembered; 0: not at all. */
  readonly idempotencySeconds: number
  readonly tls: Tls | null
  /** The servers that are one with this one; null when there are none. */
  readonly scaling: Scaling | null
  /** By which it is told to make place for a new one; null where someone else watches, or nobody. */
  readonly restart: RestartFlag | null
  readonly debug: boolean
  /** The server of ours that is about to leave its place to this one; null when there is none. */
  readonly handOver: HandOver | null
  /** What the parent process wants to hear of. */
  readonly events: ReadonlySet<EventName>
  /** Whether the parent acknowledges each line of events; otherwise a line counts as delivered when the pipe has accepted it. */
  readonly acknowledgesEvents: boolean
  readonly apps: readonly App[]
  /** By which the apps are reached from outside, each once: for the log. */
  readonly publicUrls: readonly string[]
}

export type HandOver = {
  /** `host:port` on which that one listens. */
  readonly address: string
  /** Path of the Unix socket on which that server waits for this one: `peer` in the document. */
  readonly socketPath: string
}

export type Scaling<Redis = RedisServer> = {
  /** The Redis channel on which the servers talk. */
  readonly channel: string
  /** What they sign with. */
  readonly key: string
  readonly redis: Redis
}

/** What `reverb:restart` writes into Laravel's cache. */
export type RestartFlag<Redis = RedisServer> = {
  /** With every prefix. */
  readonly key: string
  readonly redis: Redis
}

/** A RedisAddress with its certificates still in files. */
export type RedisServer = Omit<RedisAddress, 'tls'> & { readonly tls: RedisTlsFiles | null }

/** File names, as PHP's SSL context options of a client have them. */
export type RedisTlsFiles = {
  readonly caFile: string | null
  readonly certFile: string | null
  /** That of the certificate where it has none of its own. */
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
