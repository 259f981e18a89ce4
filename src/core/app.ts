/** An application, and the rules for its sockets. A limit that is not configured is `Infinity`. */
import type { ChannelNameRules } from '../protocol/channel-name.ts'

export type App = {
  readonly id: string
  readonly key: string
  readonly secret: string
  /** While it is false, all clients and publishers are refused. */
  readonly enabled: boolean
  /** Patterns of host names or whole origins, in which `*` matches any characters. */
  readonly allowedOrigins: readonly string[]
  readonly allowMissingOrigin: boolean
  /** Whether clients must name a version of the protocol that Pusher supports. */
  readonly checksProtocol: boolean
  /** How long a ping may stay unanswered. A socket is pinged after three quarters of it: `liveness.ts`. */
  readonly pingIntervalSeconds: number
  /** Sent to clients, which ping after so much silence. */
  readonly activityTimeoutSeconds: number
  readonly maxConnections: number
  readonly maxMessageBytes: number
  /**
   * From whom client events are accepted: `members` are the subscribers of a channel; `all` includes sockets that are not subscribed, on
   * public channels.
   */
  readonly clientEventsFrom: 'all' | 'members' | 'none'
  readonly rateLimit: RateLimit | null
  /** The limit of signed requests to the HTTP API. */
  readonly requestRate: Rate | null
  /** Whether the subscribers of a channel are sent their number. */
  readonly subscriptionCounts: boolean
  readonly cache: CacheLimits
  readonly limits: Limits
}

export type Rate = {
  readonly maxAttempts: number
  readonly decaySeconds: number
}

export type RateLimit = Rate & {
  /** Whether a socket that exceeds the limit is closed. */
  readonly terminate: boolean
}

/** How long the last events of cache channels are kept, and how many. */
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

/** The apps of a server, by id and by key. */
export type Apps = {
  readonly byId: ReadonlyMap<string, App>
  readonly byKey: ReadonlyMap<string, App>
}

export function appsOf(list: readonly App[]): Apps {
  return { byId: new Map(list.map(app => [app.id, app])), byKey: new Map(list.map(app => [app.key, app])) }
}
