/** Apps and configurations for tests: the defaults of `docs/bridge.md`, with the changes of a test. */
import { decodeDocument } from '../../src/config/bridge.ts'
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

const credentials = { app_id: '1001', key: 'app-key', secret: 'app-secret' }
const { config: defaults } = decodeDocument(JSON.stringify({ version: 1, apps: [credentials] }))

export function testApp({ limits, ...changes }: Partial<Omit<App, 'limits'>> & { limits?: Partial<Limits> } = {}): App {
  return { ...defaults.apps[0]!, ...changes, limits: { ...testLimits, ...limits } }
}

export function testConfig(changes: Partial<Config> = {}): Config {
  return { ...defaults, host: '127.0.0.1', port: 0, apps: [testApp()], ...changes }
}
