/** Where the settings of the document stand: there, and in config/reverb.php. */
import { app, cache, credentials, rateLimiting, requestRateLimiting } from './app.ts'
import { document } from './document.ts'
import { limits, preset } from './limits.ts'
import type { Group } from './row.ts'
import { redis, redisOfDocument, redisTls, scaling } from './scaling.ts'
import { listening, operation, options, tls } from './server.ts'

/** `*` stands for each app. */
export const groups: readonly Group[] = [
  { path: '', key: null, rows: document },
  { path: 'server', key: 'servers.reverb', rows: listening },
  { path: 'server', key: 'servers.reverb.revurb', rows: operation },
  { path: 'server', key: 'servers.reverb.options', rows: options },
  { path: 'server.tls', key: 'servers.reverb.options.tls', rows: tls },
  { path: 'scaling', key: 'servers.reverb.scaling', rows: scaling },
  { path: 'scaling.server', key: 'servers.reverb.scaling.server', rows: redis },
  { path: 'scaling.server', key: null, rows: redisOfDocument },
  { path: 'scaling.server.tls', key: 'servers.reverb.scaling.server.context.stream', rows: redisTls },
  { path: 'apps.*', key: 'apps.apps.*', rows: credentials },
  { path: 'apps.*', key: 'apps.apps.*', rows: app },
  { path: 'apps.*.rate_limiting', key: 'apps.apps.*.rate_limiting', rows: rateLimiting },
  { path: 'apps.*.cache', key: 'apps.apps.*.cache', rows: cache },
  { path: 'apps.*.limits', key: 'apps.apps.*.limits', rows: preset },
  { path: 'apps.*.limits', key: 'apps.apps.*.limits', rows: limits },
  { path: 'apps.*.request_rate_limiting', key: 'apps.apps.*.request_rate_limiting', rows: requestRateLimiting },
]
