/** The first lines of the log of a server: its versions, its public URLs, its apps, and its limits. */
import type { Config } from '../config/config.ts'
import type { Descriptors } from '../server/descriptors.ts'
import { limitsInForce } from './limits.ts'
import { clientText } from './text.ts'

export type Running = {
  readonly version: string
  readonly bun: string
  readonly pid: number
  readonly descriptors: Descriptors
}

type Line = readonly [code: string, sentence: string]

/** How many apps, and how many URLs, a line names. */
const maxNamed = 5

export function banner(config: Config, { version, bun, pid, descriptors }: Running): Line[] {
  return [
    ['banner-versions', `Revurb ${version} on Bun ${bun}, process ${pid}`],
    ['banner-public-url', publicUrls(config.publicUrls)],
    [
      'banner-apps',
      `${config.apps.length === 1 ? 'App' : `${config.apps.length} apps:`} ${list(config.apps.map(({ id }) => id))}`,
    ],
    ['banner-open-files', openFiles(descriptors)],
    ...limitsInForce(config).map((sentence): Line => ['banner-limits', sentence]),
    [
      'banner-doctor',
      'If something does not work: php artisan reverb:doctor checks every hop between Laravel, this server and the browsers',
    ],
  ]
}

function publicUrls(urls: readonly string[]): string {
  return urls.length === 0
    ? 'Public URL: unknown, as apps.apps.*.options (REVERB_HOST, REVERB_PORT, REVERB_SCHEME) names no host'
    : `Public URL: ${list(urls)}`
}

function openFiles({ limit, sockets }: Descriptors): string {
  return limit === Number.POSITIVE_INFINITY
    ? 'Open files: no limit'
    : `Open files: limit ${limit}, with room for ${sockets} connections (ulimit -n)`
}

function list(texts: readonly string[]): string {
  const shown = texts.slice(0, maxNamed).map(text => clientText(text))
  return `${shown.join(', ')}${texts.length > maxNamed ? ` and ${texts.length - maxNamed} more` : ''}`
}
