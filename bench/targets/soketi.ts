/** Soketi from npm, with a third-party build of uWebSockets.js, because the original build is not on npm. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { app } from '../load/app.ts'
import { cached, run } from './cache.ts'
import { startProgram } from './start.ts'
import type { Target } from './target.ts'

const version = '1.6.1'
const folder = cached(`soketi-${version}`)
const program = join(folder, 'node_modules/@soketi/soketi/bin/server.js')

const packageJson = {
  private: true,
  dependencies: { '@soketi/soketi': version },
  overrides: { 'uWebSockets.js': 'npm:@trufflesuite/uws-js-unofficial@20.30.0-unofficial.0' },
}

/** Without the limits that a scenario would exceed. */
const settings = {
  SOKETI_DEFAULT_APP_ID: app.id,
  SOKETI_DEFAULT_APP_KEY: app.key,
  SOKETI_DEFAULT_APP_SECRET: app.secret,
  SOKETI_DEFAULT_APP_MAX_CONNS: '-1',
  SOKETI_DEFAULT_APP_ENABLE_CLIENT_MESSAGES: 'true',
  SOKETI_DEFAULT_APP_MAX_BACKEND_EVENTS_PER_SEC: '-1',
  SOKETI_DEFAULT_APP_MAX_CLIENT_EVENTS_PER_SEC: '-1',
  SOKETI_PRESENCE_MAX_MEMBERS: '100000',
}

export const soketi: Target = {
  id: 'soketi',
  name: 'Soketi (third-party build)',
  maxSockets: Number.POSITIVE_INFINITY,
  version: () => version,
  async install() {
    if (existsSync(program)) return
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), JSON.stringify(packageJson))
    await run(['npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], folder)
  },
  start: () =>
    startProgram((host, port) => ({
      command: ['node', program, 'start'],
      cwd: folder,
      env: { NODE_ENV: 'production', SOKETI_HOST: host, SOKETI_PORT: String(port), ...settings },
    })),
}
