/** Apps and configurations for tests: the defaults of `docs/bridge.md`, with the changes of a test. */
import type { Config } from '../../src/config/config.ts'
import type { App, Limits } from '../../src/core/app.ts'

/** No limits, as in Reverb; for watchlists, which Reverb lacks, that of Pusher. */
export const testLimits: Limits = {
  channelsPerEvent: Number.POSITIVE_INFINITY,
  eventsPerBatch: Number.POSITIVE_INFINITY,
  eventNameLength: Number.POSITIVE_INFINITY,
  eventDataBytes: Number.POSITIVE_INFINITY,
  channelNameLength: Number.POSITIVE_INFINITY,
  channelNameCharset: 'any',
  channelsPerSocket: Number.POSITIVE_INFINITY,
  presenceMembers: Number.POSITIVE_INFINITY,
  presenceUserInfoBytes: Number.POSITIVE_INFINITY,
  clientEventsPerSecond: Number.POSITIVE_INFINITY,
  watchlistUsers: 100,
}

export function testApp({ limits, ...changes }: Partial<Omit<App, 'limits'>> & { limits?: Partial<Limits> } = {}): App {
  return {
    id: '1001',
    key: 'app-key',
    secret: 'app-secret',
    enabled: true,
    allowedOrigins: ['*'],
    allowMissingOrigin: false,
    checksProtocol: false,
    pingIntervalSeconds: 60,
    activityTimeoutSeconds: 30,
    maxConnections: Number.POSITIVE_INFINITY,
    maxMessageBytes: 10_000,
    clientEventsFrom: 'all',
    rateLimit: null,
    requestRate: null,
    subscriptionCounts: false,
    cache: { ttlSeconds: 1800, maxChannels: 10_000, maxBytes: 16_777_216 },
    ...changes,
    limits: { ...testLimits, ...limits },
  }
}

export function testConfig(changes: Partial<Config> = {}): Config {
  return {
    host: '127.0.0.1',
    port: 0,
    path: '',
    maxRequestBytes: 10_000,
    drainSeconds: 10,
    timestampToleranceSeconds: 600,
    maxQueuedBytes: 1_048_576,
    maxTotalQueuedBytes: 67_108_864,
    maxMessagesPerSecond: 2000,
    maxBytesPerSecond: 2_000_000,
    idempotencySeconds: 120,
    tls: null,
    scaling: null,
    restart: null,
    debug: false,
    handOver: null,
    events: new Set(),
    acknowledgesEvents: false,
    apps: [testApp()],
    publicUrls: [],
    ...changes,
  }
}
