/** Describes the limits in force, as sentences for the log of a server that has just started. */
import type { Config } from '../config/config.ts'

type App = Config['apps'][number]
type Limit = readonly [key: string, value: number | string | undefined]

/** How many apps with the same limits a line names. */
const maxNamedApps = 3

/** Apps with the same limits share a line, because an application may serve thousands. Values without a limit are left out. */
export function limitsInForce({
  apps,
  maxRequestBytes,
  maxQueuedBytes,
  maxTotalQueuedBytes,
  maxMessagesPerSecond,
  maxBytesPerSecond,
}: Config): string[] {
  return [
    ...sentence(
      'the server',
      inForce([
        ['max_request_size', maxRequestBytes],
        ['max_queued_bytes', maxQueuedBytes],
        ['max_total_queued_bytes', maxTotalQueuedBytes],
        ['max_messages_per_second', maxMessagesPerSecond],
        ['max_bytes_per_second', maxBytesPerSecond],
      ]),
    ),
    ...Map.groupBy(apps, app => JSON.stringify([reverbLimits(app), revurbLimits(app)]))
      .values()
      .flatMap(appSentences),
  ]
}

function appSentences(apps: readonly App[]): string[] {
  const [first] = apps as readonly [App]
  const names = nameOf(apps)
  const beyondReverb = 'apps.apps.*.limits in config/reverb.php, where 0 lifts one'
  return [
    ...sentence(names, reverbLimits(first)),
    ...sentence(`${names} that Reverb does not have (${beyondReverb})`, revurbLimits(first)),
  ]
}

function nameOf(apps: readonly App[]): string {
  const ids = apps.slice(0, maxNamedApps).map(({ id }) => id)
  const others = apps.length - ids.length
  return `app${apps.length === 1 ? '' : 's'} ${ids.join(', ')}${others === 0 ? '' : ` and ${others} more`}`
}

/** Includes the limit of watchlists, which Reverb does not have: no application that was written for Reverb reaches it. */
function reverbLimits({ maxConnections, maxMessageBytes, rateLimit, requestRate, limits }: App): Limit[] {
  const rate = (limit: App['requestRate']) => limit && `${limit.maxAttempts} per ${limit.decaySeconds} s`
  return inForce([
    ['max_connections', maxConnections],
    ['max_message_size', maxMessageBytes],
    ['rate_limiting', rate(rateLimit) ?? undefined],
    ['request_rate_limiting', rate(requestRate) ?? undefined],
    ['watchlist_users', limits.watchlistUsers],
  ])
}

/** The keys in the configuration are the names of the fields in snake case. */
function revurbLimits({ limits: { watchlistUsers: _, channelNameCharset, ...limits } }: App): Limit[] {
  const numbers = Object.entries(limits).map(([name, value]): Limit => [name.replace(/[A-Z]/g, snakeCase), value])
  return inForce([...numbers, ['channel_name_charset', channelNameCharset === 'any' ? undefined : channelNameCharset]])
}

function snakeCase(capital: string): string {
  return `_${capital.toLowerCase()}`
}

function inForce(limits: readonly Limit[]): Limit[] {
  return limits.filter(([, value]) => value !== undefined && value !== Number.POSITIVE_INFINITY)
}

function sentence(of: string, limits: readonly Limit[]): string[] {
  return limits.length === 0 ? [] : [`Limits of ${of}: ${limits.map(([key, value]) => `${key} ${value}`).join(', ')}`]
}
