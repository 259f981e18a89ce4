/** An application: whose sockets these are, and by which rules they live. */

export type App = {
  readonly id: string
  readonly key: string
  readonly secret: string
  /** Patterns of host names or whole origins, `*` for any run of characters. */
  readonly allowedOrigins: readonly string[]
  readonly allowMissingOrigin: boolean
  /** Silence after which a socket is pinged, and once more that long until it is given up. */
  readonly pingIntervalSeconds: number
  /** Told to clients. */
  readonly activityTimeoutSeconds: number
  readonly maxConnections: number | null
  readonly maxMessageBytes: number
  /** `all`: also from sockets that are not subscribed, on public channels. */
  readonly clientEventsFrom: 'all' | 'members' | 'nobody'
  readonly rateLimit: RateLimit | null
}

export type RateLimit = {
  readonly maxAttempts: number
  readonly decaySeconds: number
  /** Close the socket of whoever exceeds it. */
  readonly terminate: boolean
}

/** The apps of a server, by both names. */
export type Apps = {
  readonly byId: ReadonlyMap<string, App>
  readonly byKey: ReadonlyMap<string, App>
}

export function appsOf(list: readonly App[]): Apps {
  return { byId: new Map(list.map(app => [app.id, app])), byKey: new Map(list.map(app => [app.key, app])) }
}
