/** Apps and configurations for tests: every default of `docs/bridge.md`, and what a test says otherwise. */
import type { Config } from '../../src/config/config.ts'
import type { App } from '../../src/core/app.ts'

export function testApp(changes: Partial<App> = {}): App {
  return {
    id: '1001',
    key: 'app-key',
    secret: 'app-secret',
    allowedOrigins: ['*'],
    allowMissingOrigin: false,
    pingIntervalSeconds: 60,
    activityTimeoutSeconds: 30,
    maxConnections: null,
    maxMessageBytes: 10_000,
    clientEventsFrom: 'all',
    rateLimit: null,
    ...changes,
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
    tls: null,
    debug: false,
    events: new Set(),
    apps: [testApp()],
    ...changes,
  }
}
