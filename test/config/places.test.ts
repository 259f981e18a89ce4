import { describe, expect, test } from 'bun:test'
import { fieldsOf, placeOf, sentence } from '../../src/config/places.ts'

describe('the place of a setting', () => {
  test.each([
    ['server.host', 'servers.reverb.host (REVERB_SERVER_HOST, --host)'],
    ['server.port', 'servers.reverb.port (REVERB_SERVER_PORT, --port)'],
    ['server.max_request_size', 'servers.reverb.max_request_size (REVERB_MAX_REQUEST_SIZE)'],
    ['server.tls', 'servers.reverb.options.tls'],
    ['server.tls.local_cert', 'servers.reverb.options.tls.local_cert'],
    ['server.drain_seconds', 'servers.reverb.revurb.drain_seconds (REVURB_DRAIN_SECONDS)'],
    ['server.unheard_of', 'servers.reverb.revurb.unheard_of'],
    ['scaling.secret', 'servers.reverb.scaling.secret (REVURB_SCALING_SECRET)'],
    ['scaling.server.tls', 'servers.reverb.scaling.server.tls'],
    ['scaling.server.tls.cafile', 'servers.reverb.scaling.server.context.stream.cafile (REVURB_REDIS_CAFILE)'],
    ['scaling.server.tls.verify_peer_name', 'servers.reverb.scaling.server.context.stream.verify_peer_name'],
    ['apps', 'apps.apps'],
    ['apps.0', 'apps.apps.0'],
    ['apps.0.app_id', 'apps.apps.0.app_id (REVERB_APP_ID)'],
    ['apps.1.app_id', 'apps.apps.1.app_id'],
    ['apps.0.rate_limiting.max_attempts', 'apps.apps.0.rate_limiting.max_attempts (REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS)'],
    ['apps.0.limits.channels_per_event', 'apps.apps.0.limits.channels_per_event'],
    ['version', 'version'],
    ['server', 'server'],
    ['restart.server.port', 'restart.server.port'],
    ['restart.server.tls.cafile', 'restart.server.tls.cafile'],
    ['events', 'events'],
  ])('%s is %s', (path, place) => expect(placeOf(path)).toBe(place))
})

test('a sentence begins with the place, where there is one', () => {
  expect(sentence({ path: 'server.port', message: 'is wrong' })).toBe('servers.reverb.port (REVERB_SERVER_PORT, --port) is wrong')
  expect(sentence({ path: '', message: 'All of it.' })).toBe('All of it.')
})

test('the key and the variable of a fault are fields for programs', () => {
  expect(fieldsOf('server.port')).toEqual({ key: 'servers.reverb.port', variable: 'REVERB_SERVER_PORT' })
  expect(fieldsOf('apps.1.key')).toEqual({ key: 'apps.apps.1.key' })
  expect(fieldsOf('')).toEqual({})
})
