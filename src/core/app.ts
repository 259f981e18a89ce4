/** An application: whose sockets these are, and by which rules they live. A limit that is not there is `Infinity`. */
import type { ChannelNameRules } from '../protocol/channel-name.ts'

export type App = {
  readonly id: string
  readonly key: string
  readonly secret: string
  /** False: nobody gets in, neither clients nor publishers. */
  readonly enabled: boolean
  /** Patterns of host names or whole origins, `*` for any run of characters. */
  readonly allowedOrigins: readonly string[]
  readonly allowMissingOrigin: boolean
  /** Whether clients must name a version of the protocol that Pusher takes. */
  readonly checksProtocol: boolean
  /** How long a ping may stay unanswered. A socket is pinged after three quarters of it: `liveness.ts`. */
  readonly pingIntervalSeconds: number
  /** Told to clients. */
  readonly activityTimeoutSeconds: number
  readonly maxConnections: number
  readonly maxMessageBytes: number
  /** `all`: also on public channels, and there also from sockets that are not subscribed. */
  readonly clientEventsFrom: 'all' | 'members' | 'nobody'
  readonly rateLimit: RateLimit | null
  /** Signed requests to the HTTP API. */
  readonly requestRate: Rate | null
  /** Tell the subscribers of a channel how many they are. */
  readonly subscriptionCounts: boolean
  readonly cache: CacheLimits
  readonly limits: Limits
}

export type Rate = {
  readonly maxAttempts: number
  readonly decaySeconds: number
}

export type RateLimit = Rate & {
  /** Close the socket of whoever exceeds it. */
  readonly terminate: boolean
}

/** For how long, and in which bounds, the last events of cache channels are kept. */
export type CacheLimits = {
  readonly ttlSeconds: number
  readonly maxChannels: number
  readonly maxBytes: number
}

export type Limits = ChannelNameRules & {
  readonly channelsPerEvent: number
  readonly eventsPerBatch: number
  readonly eventNameLength: number
  readonly eventDataBytes: number
  readonly channelsPerSocket: number
  readonly presenceMembers: number
  readonly presenceUserInfoBytes: number
  readonly clientEventsPerSecond: number
  readonly watchlistUsers: number
}

/** The apps of a server, by both names. */
export type Apps = {
  readonly byId: ReadonlyMap<string, App>
  readonly byKey: ReadonlyMap<string, App>
}

export function appsOf(list: readonly App[]): Apps {
  return { byId: new Map(list.map(app => [app.id, app])), byKey: new Map(list.map(app => [app.key, app])) }
}
