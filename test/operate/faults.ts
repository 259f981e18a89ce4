/** The table of faults of an application or its machine, with the output in which an operator finds each. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Certificate } from '../support/certificate.ts'
import type { ConfiguredApp } from '../support/laravel/configured-app.ts'
import type { Ending, Fault } from './fault.ts'

const server = "$config['servers']['reverb']"
const passes: Ending = { code: 0, contains: '' }

/** A port of this machine on which only root may listen, and no program does. */
const closedPort = 9

export const faults: readonly Fault[] = [
  {
    name: 'the key of the app is missing',
    env: { REVERB_APP_KEY: null },
    check: { code: 78, contains: 'REVERB_APP_KEY' },
    start: { code: 78, contains: 'REVERB_APP_KEY' },
    doctor: { check: 'config', status: 'problem', code: 'config-invalid', contains: 'REVERB_APP_KEY' },
  },
  {
    name: 'the port is no number',
    env: { REVERB_SERVER_PORT: 'websocket' },
    check: { code: 78, contains: 'REVERB_SERVER_PORT' },
    start: { code: 78, contains: 'REVERB_SERVER_PORT' },
    doctor: { check: 'config', status: 'problem', code: 'config-invalid', contains: 'REVERB_SERVER_PORT' },
  },
  {
    name: 'the port is in use',
    cause: listen,
    check: passes,
    start: { code: 1, contains: `in use by process ${process.pid} (` },
    doctor: { check: 'port', status: 'problem', code: 'port-taken', contains: `pid ${process.pid}` },
  },
  {
    name: 'the host is no address of this machine',
    env: { REVERB_SERVER_HOST: '192.0.2.1' },
    check: { code: 1, contains: 'REVERB_SERVER_HOST' },
    start: { code: 1, contains: 'REVERB_SERVER_HOST' },
    doctor: { check: 'config', status: 'problem', code: 'config-invalid', contains: 'REVERB_SERVER_HOST' },
  },
  {
    name: 'Bun is missing',
    env: { REVURB_BUN: '{folder}/bun' },
    check: { code: 1, contains: '{folder}/bun' },
    start: { code: 1, contains: '{folder}/bun' },
    doctor: { check: 'bun', status: 'problem', code: 'bun-missing', contains: '{folder}/bun' },
  },
  {
    name: 'Bun is too old',
    env: { REVURB_BUN: '{folder}/bun' },
    cause: app => program(app, 'bun', 'echo 1.2.0'),
    check: { code: 1, contains: '1.4.0' },
    start: { code: 1, contains: '1.4.0' },
    doctor: { check: 'bun', status: 'problem', code: 'bun-too-old', contains: '1.4.0' },
  },
  {
    name: 'Bun is the placeholder of npm, whose install script did not run',
    env: { REVURB_BUN: '{folder}/node_modules/bun/bin/bun' },
    cause: app => program(app, 'node_modules/bun/bin/bun', 'echo "Error: Bun\'s postinstall script was not run." >&2; exit 1'),
    check: { code: 1, contains: 'npm' },
    start: { code: 1, contains: 'npm' },
    doctor: { check: 'bun', status: 'problem', code: 'bun-placeholder', contains: 'npm' },
  },
  {
    name: 'pcntl is disabled',
    php: ['-d', 'disable_functions=pcntl_signal,pcntl_async_signals,pcntl_exec,pcntl_sigprocmask'],
    check: { code: 0, contains: 'pcntl' },
    start: { serves: 'pcntl' },
    doctor: { check: 'php', status: 'warning', code: 'php-functions-missing', contains: 'pcntl' },
  },
  {
    name: 'proc_open is disabled',
    php: ['-d', 'disable_functions=proc_open'],
    check: { code: 1, contains: 'proc_open' },
    start: { code: 1, contains: 'proc_open' },
    doctor: { check: 'php', status: 'problem', code: 'php-functions-missing', contains: 'proc_open' },
  },
  {
    name: 'the cache is in a Redis that is down',
    env: { CACHE_STORE: 'redis', REDIS_CLIENT: 'predis', REDIS_PORT: String(closedPort) },
    check: passes,
    start: { serves: 'reverb:restart' },
    doctor: { check: 'cache', status: 'problem', code: 'redis-unreachable', contains: 'reverb:restart' },
  },
  {
    name: 'the folder of the cache cannot be written',
    // Permissions do not stop root; a file in place of the folder does.
    cause(app) {
      const folder = join(app.folder, 'storage/framework/cache/data')
      rmSync(folder, { recursive: true })
      writeFileSync(folder, '')
      return undefined
    },
    check: passes,
    start: { serves: 'reverb:restart' },
    doctor: {
      check: 'cache',
      status: 'problem',
      code: 'cache-folder-missing',
      contains: '{folder}/storage/framework/cache/data',
    },
  },
  {
    name: 'the Redis of scaling is down',
    env: { REVERB_SCALING_ENABLED: 'true', REDIS_PORT: String(closedPort) },
    check: passes,
    start: { serves: 'Redis' },
    doctor: { check: 'redis', status: 'problem', code: 'redis-unreachable', contains: `127.0.0.1:${closedPort}` },
  },
  {
    name: 'the certificate is missing',
    config: `${server}['options']['tls'] = ['local_cert' => '{folder}/cert.pem', 'local_pk' => '{folder}/key.pem'];`,
    check: { code: 78, contains: '{folder}/cert.pem' },
    start: { code: 78, contains: '{folder}/cert.pem' },
    doctor: { check: 'config', status: 'problem', code: 'config-invalid', contains: '{folder}/cert.pem' },
  },
  {
    name: 'the certificate has expired',
    config: `${server}['options']['tls'] = ['local_cert' => '{folder}/cert.pem', 'local_pk' => '{folder}/key.pem'];`,
    cause(app) {
      using certificate = new Certificate()
      certificate.lastFor(-1)
      renameSync(certificate.certFile, join(app.folder, 'cert.pem'))
      renameSync(certificate.keyFile, join(app.folder, 'key.pem'))
      return undefined
    },
    check: { code: 0, contains: 'expired' },
    start: { serves: 'expired' },
    doctor: { check: 'config', status: 'warning', code: 'config-warning', contains: 'expired' },
  },
  {
    name: 'a key of Revurb is mistyped',
    config: `${server}['revurb']['drain_secs'] = 'hush';`,
    check: { code: 0, contains: 'servers.reverb.revurb.drain_secs is not known and was ignored' },
    start: { serves: 'servers.reverb.revurb.drain_secs' },
    doctor: { check: 'config', status: 'warning', code: 'config-warning', contains: 'servers.reverb.revurb.drain_secs' },
  },
]

function listen(app: ConfiguredApp): Disposable {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: app.port, socket: { data() {} } })
  return { [Symbol.dispose]: () => listener.stop(true) }
}

function program(app: ConfiguredApp, file: string, script: string): undefined {
  const path = join(app.folder, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}
