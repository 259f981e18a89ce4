/** One client that subscribes to very many channels and disconnects, as the clients of both servers of a cluster see it. */
import { rssBytes } from 'revurb-bench/machine/process.ts'
import { withoutRedisServer } from '../../support/redis-process.ts'
import { MemoryWatch } from '../memory.ts'
import type { NamesOrder, NamesReport, NamesSettings } from '../names/program.ts'
import { mebibyte, pingMeasures } from './measures.ts'
import { OperatedRedis } from './redis.ts'
import type { Scenario, ScenarioOptions, ScenarioOutcome } from './scenario.ts'
import { areConnected, LoggedServer, pinging, start } from './servers.ts'

const channels = 100_000
const nameCharacters = 190
const measuredSeconds = 2
/** Less than `max_messages_per_second` of 2,000, as shipped. */
const perSecond = 1800
/** Long enough for all of them, and for what the disconnect costs. */
const maxSeconds = 60
const afterDisconnectSeconds = 3
const maxGrowthMib = 100
const maxPingMs = 200

export const manySubscriptions: Scenario = {
  id: 'subscriptions',
  title: `up to ${channels.toLocaleString('en')} names of ${nameCharacters} characters, ${perSecond.toLocaleString('en')} a second`,
  group: 'one client subscribes to, and disconnects',
  lack: withoutRedisServer,
  play,
}

async function play({ directory, ...options }: ScenarioOptions): Promise<ScenarioOutcome> {
  await using stack = new AsyncDisposableStack()
  const redis = stack.use(await OperatedRedis.started())
  const scaling = { enabled: true, secret: 's', server: redis.address }
  const serve = async () => stack.use(await LoggedServer.started(directory, { scaling }))
  const servers = [await serve(), await serve()] as const
  await areConnected(...servers)
  const pings = servers.map(({ at }) => stack.use(pinging(at)))
  const settings: NamesSettings = { at: servers[0].at, count: channels, characters: nameCharacters, perSecond }
  const client = stack.use(start<NamesOrder, NamesReport>('names', settings, 'usual'))
  const measure = (seconds: number) => Promise.all(pings.map(child => child.order({ seconds })))

  const seconds = Math.min(options.seconds, maxSeconds)
  const without = await measure(measuredSeconds)
  const before = servers.map(({ pid }) => rssBytes(pid))
  using memory = new MemoryWatch(servers[0].pid)
  using otherMemory = new MemoryWatch(servers[1].pid)
  const [during, { subscribed, isRefused }] = await Promise.all([
    measure(seconds),
    client.order({ seconds: Math.max(1, seconds - afterDisconnectSeconds) }),
  ])
  const most = [memory.peak, otherMemory.peak]
  return {
    measures: [
      { text: 'subscribed', value: subscribed },
      { text: 'then refused', value: Number(isRefused) },
      ...['its server', 'other server'].flatMap((name, i) => [
        { text: `${name}: MiB before`, value: before[i]! / mebibyte },
        { text: 'growth, MiB', value: (most[i]! - before[i]!) / mebibyte, limit: maxGrowthMib },
        ...pingMeasures(without[i]!, during[i]!, { max: maxPingMs }),
      ]),
    ],
    faults: during.flatMap(({ faults }) => faults),
  }
}
