/** Shapes of `.env` and `config/reverb.php` as public applications have them, in words of our own. */
import type { Outcome, Shape } from '../support/laravel/shape.ts'

const app = "$config['apps']['apps'][0]"
const server = "$config['servers']['reverb']"

const delivered: Outcome = { serves: true, client: 'pusher_internal:subscription_succeeded', publish: '200, delivered' }

export const shapes: readonly Shape[] = [
  // As the installer leaves it, and with less.
  { name: 'the stock file and the lines of the installer', expect: {} },
  { name: 'no config file: the package brings its own', config: null, expect: {} },
  { name: 'the stock file in a cached configuration', cached: true, expect: {} },
  {
    name: 'a file from before activity timeouts, quotas, client event rules and rate limits',
    config: `unset(${app}['activity_timeout'], ${app}['max_connections'], ${app}['accept_client_events_from'], ${app}['rate_limiting']);`,
    expect: {},
  },
  {
    name: 'a file without scaling, request size and ingest intervals',
    config: `unset(${server}['scaling'], ${server}['max_request_size'], ${server}['pulse_ingest_interval'], ${server}['telescope_ingest_interval']);`,
    expect: { outcome: delivered },
  },
  { name: 'scaling that has nothing but its switch', config: `${server}['scaling'] = ['enabled' => false];`, expect: {} },
  { name: 'server options that are an empty list', config: `${server}['options'] = [];`, expect: {} },
  { name: 'no server options at all', config: `unset(${server}['options']);`, expect: {} },
  {
    name: 'TLS files that are null, from variables that are not set',
    config: `${server}['options']['tls'] = ['local_cert' => env('REVERB_TLS_CERT'), 'local_pk' => env('REVERB_TLS_KEY')];`,
    expect: {},
  },
  { name: 'an app without client options', config: `unset(${app}['options']);`, expect: {} },
  {
    name: 'keys of other packages beside the stock ones',
    config: `$config['dashboard'] = ['enabled' => true]; ${app}['webhooks'] = ['url' => null]; ${app}['name'] = 'Chat';`,
    expect: { warns: 'webhooks' },
  },

  // Where the server listens, and what is in front of it.
  { name: 'all interfaces', env: { REVERB_SERVER_HOST: '0.0.0.0' }, expect: {} },
  { name: 'all interfaces of IPv6, in brackets', env: { REVERB_SERVER_HOST: '"[::]"' }, expect: {} },
  { name: 'a host by its name', env: { REVERB_SERVER_HOST: 'localhost' }, expect: { outcome: delivered } },
  {
    name: 'host and port on the command line',
    env: { REVERB_SERVER_HOST: null, REVERB_SERVER_PORT: null },
    options: ['--host=127.0.0.1', '--port={port}'],
    expect: {},
  },
  {
    name: 'a port that is cast to an integer',
    config: `${server}['port'] = (int) env('REVERB_SERVER_PORT', 8080); ${server}['max_request_size'] = (int) env('REVERB_MAX_REQUEST_SIZE', 10000);`,
    expect: {},
  },
  {
    name: 'the port that a platform gives',
    env: { REVERB_SERVER_PORT: null },
    variables: { PORT: '{port}' },
    config: `${server}['port'] = env('REVERB_SERVER_PORT', env('PORT', 8080));`,
    expect: {},
  },
  {
    name: 'a public host behind a proxy with TLS',
    env: { REVERB_HOST: 'ws.chat.invalid', REVERB_PORT: '443', REVERB_SCHEME: 'https' },
    expect: { problems: ['publisher', 'browser'] },
  },
  {
    name: 'a path in front of all routes',
    env: { REVERB_SERVER_PATH: '/app' },
    client: { prefix: '/app' },
    expect: { problems: ['publisher'] },
  },
  {
    name: 'a path without its slash',
    env: { REVERB_SERVER_PATH: 'ws' },
    client: { prefix: '/ws' },
    expect: { problems: ['publisher'] },
  },
  {
    name: 'variables of a container and no line of Reverb in .env',
    env: {
      REVERB_APP_ID: null,
      REVERB_APP_KEY: null,
      REVERB_APP_SECRET: null,
      REVERB_HOST: null,
      REVERB_PORT: null,
      REVERB_SCHEME: null,
      REVERB_SERVER_HOST: null,
      REVERB_SERVER_PORT: null,
      VITE_REVERB_APP_KEY: null,
      VITE_REVERB_HOST: null,
      VITE_REVERB_PORT: null,
      VITE_REVERB_SCHEME: null,
    },
    variables: {
      REVERB_APP_ID: '482910',
      REVERB_APP_KEY: 'app-key',
      REVERB_APP_SECRET: 'app-secret',
      REVERB_HOST: '127.0.0.1',
      REVERB_PORT: '{port}',
      REVERB_SCHEME: 'http',
      REVERB_SERVER_HOST: '0.0.0.0',
      REVERB_SERVER_PORT: '{port}',
    },
    expect: {},
  },
  { name: 'a host that is a URL', env: { REVERB_SERVER_HOST: 'http://127.0.0.1' }, expect: { refused: 'REVERB_SERVER_HOST' } },
  { name: 'a host with its port', env: { REVERB_SERVER_HOST: '127.0.0.1:{port}' }, expect: { refused: 'REVERB_SERVER_HOST' } },
  {
    name: 'a host that does not resolve',
    env: { REVERB_SERVER_HOST: 'reverb.invalid' },
    expect: { refused: 'REVERB_SERVER_HOST' },
  },
  { name: 'a port that is text', env: { REVERB_SERVER_PORT: 'eighty' }, expect: { refused: 'REVERB_SERVER_PORT' } },

  // Credentials.
  {
    name: 'an id and a key that are numbers',
    env: { REVERB_APP_ID: '7001', REVERB_APP_KEY: '7002' },
    config: `${app}['app_id'] = (int) env('REVERB_APP_ID'); ${app}['key'] = (int) env('REVERB_APP_KEY');`,
    client: { key: '7002' },
    publisher: { id: '7001' },
    expect: {},
  },
  {
    name: 'credentials in quotes, with a hash and an equals sign in the secret',
    env: { REVERB_APP_ID: `"chat"`, REVERB_APP_SECRET: `'se#cr=et'` },
    publisher: { id: 'chat', secret: 'se#cr=et' },
    expect: {},
  },
  {
    name: 'the names of Pusher’s variables',
    env: { PUSHER_APP_ID: 'old', PUSHER_APP_KEY: 'old-key', PUSHER_APP_SECRET: 'old-secret' },
    config: `${app}['app_id'] = env('PUSHER_APP_ID'); ${app}['key'] = env('PUSHER_APP_KEY'); ${app}['secret'] = env('PUSHER_APP_SECRET');`,
    client: { key: 'old-key' },
    publisher: { id: 'old', secret: 'old-secret' },
    expect: { problems: ['addresses', 'publisher', 'browser'] },
  },
  {
    name: 'two apps',
    config: `$config['apps']['apps'][] = [...$app, 'app_id' => 'second', 'key' => 'second-key', 'secret' => 'second-secret'];`,
    client: { key: 'second-key' },
    publisher: { id: 'second', secret: 'second-secret' },
    expect: {},
  },
  { name: 'apps under names', config: `$config['apps']['apps'] = ['chat' => $app];`, expect: {} },
  { name: 'an app that is not in a list', config: `$config['apps']['apps'] = $app;`, expect: { refused: 'apps.apps' } },
  {
    name: 'an app that calls its id `id`',
    config: `${app}['id'] = ${app}['app_id']; unset(${app}['app_id']);`,
    expect: { refused: 'app_id' },
  },
  {
    name: 'a key with a blank in it',
    env: { REVERB_APP_KEY: '"my key"' },
    client: { key: 'my key' },
    expect: {},
  },
  {
    name: 'a key that no browser can ask for',
    env: { REVERB_APP_KEY: 'app/key' },
    client: { key: 'app/key' },
    expect: { refused: 'REVERB_APP_KEY' },
  },
  {
    name: 'no credentials at all',
    env: { REVERB_APP_ID: null, REVERB_APP_KEY: null, REVERB_APP_SECRET: null },
    expect: { refused: 'REVERB_APP_KEY' },
  },

  // Origins.
  {
    name: 'origins from a list of hosts',
    env: { REVERB_ALLOWED_ORIGINS: 'localhost,chat.invalid' },
    config: `${app}['allowed_origins'] = explode(',', env('REVERB_ALLOWED_ORIGINS', '*'));`,
    expect: {},
  },
  {
    name: 'origins from a list that defaults to all',
    config: `${app}['allowed_origins'] = explode(',', env('REVERB_ALLOWED_ORIGINS', '*'));`,
    expect: {},
  },
  {
    name: 'origins that are whole URLs',
    env: { REVERB_ALLOWED_ORIGINS: 'http://localhost,https://chat.invalid' },
    config: `${app}['allowed_origins'] = explode(',', env('REVERB_ALLOWED_ORIGINS'));`,
    expect: { outcome: delivered },
  },
  {
    name: 'origins with a blank behind the comma',
    env: { REVERB_ALLOWED_ORIGINS: '"chat.invalid, localhost"' },
    config: `${app}['allowed_origins'] = explode(',', env('REVERB_ALLOWED_ORIGINS'));`,
    expect: { outcome: delivered },
  },
  {
    name: 'an origin that is the host of APP_URL',
    config: `${app}['allowed_origins'] = [parse_url(env('APP_URL'), PHP_URL_HOST)];`,
    expect: {},
  },
  {
    name: 'origins that are one text',
    config: `${app}['allowed_origins'] = env('REVERB_ALLOWED_ORIGINS', '*');`,
    expect: { refused: 'allowed_origins' },
  },
  {
    name: 'origins of which one is null',
    config: `${app}['allowed_origins'] = ['localhost', env('REVERB_EXTRA_ORIGIN')];`,
    expect: {},
  },

  // Limits and intervals.
  {
    name: 'numbers that are text, as every line of .env is',
    env: {
      REVERB_APP_PING_INTERVAL: '30',
      REVERB_APP_ACTIVITY_TIMEOUT: '120',
      REVERB_APP_MAX_CONNECTIONS: '500',
      REVERB_APP_MAX_MESSAGE_SIZE: '500000',
      REVERB_MAX_REQUEST_SIZE: '1048576',
    },
    expect: {},
  },
  { name: 'an empty line for the quota', env: { REVERB_APP_MAX_CONNECTIONS: '' }, expect: { outcome: delivered } },
  {
    name: 'a quota that a cast turns into 0',
    config: `${app}['max_connections'] = (int) env('REVERB_APP_MAX_CONNECTIONS');`,
    expect: { problems: ['limits', 'browser'] },
  },
  { name: 'messages of any size', env: { REVERB_APP_MAX_MESSAGE_SIZE: '0' }, expect: {} },
  { name: 'an activity timeout of 0', env: { REVERB_APP_ACTIVITY_TIMEOUT: '0' }, expect: {} },
  { name: 'a ping interval of 0', env: { REVERB_APP_PING_INTERVAL: '0' }, expect: {} },
  {
    name: 'rate limits switched on by text',
    env: {
      REVERB_APP_RATE_LIMITING_ENABLED: 'true',
      REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS: '120',
      REVERB_APP_RATE_LIMIT_DECAY_SECONDS: '10',
      REVERB_APP_RATE_LIMIT_TERMINATE: 'on',
    },
    expect: { outcome: delivered },
  },
  { name: 'client events switched off by an empty line', env: { REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM: '' }, expect: {} },
  { name: 'client events switched off by false', config: `${app}['accept_client_events_from'] = false;`, expect: {} },

  // Broadcasting and scaling.
  {
    name: 'the name that BROADCAST_CONNECTION had before',
    env: { BROADCAST_CONNECTION: null, BROADCAST_DRIVER: 'reverb' },
    expect: { problems: ['addresses'] },
  },
  {
    name: 'scaling over a Redis that does not answer',
    env: { REVERB_SCALING_ENABLED: 'true', REDIS_HOST: '127.0.0.1', REDIS_PORT: '1', REDIS_PASSWORD: 'null' },
    expect: { outcome: delivered, problems: ['redis', 'server'] },
  },
]
