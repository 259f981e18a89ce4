/** One client that subscribes to very many channels and disconnects, as the clients of both servers of a cluster see it. */
import { rssBytes } from '../../../bench/machine/process.ts'
import { withoutRedisServer } from '../../scaling/support/process.ts'
import { MemoryWatch } from '../memory.ts'
import type { NamesOrder, NamesReport, NamesSettings } from '../names/program.ts'
import { mebibyte, pingMeasures } from './measures.ts'
import { OperatedRedis } from './redis.ts'
import type { Played, Scenario, ScenarioManner } from './scenario.ts'
import { haveMet, LoggedServer, pinging, start } from './servers.ts'

const channels = 100_000
const nameCharacters = 190
const measuredSeconds = 2
/** From the first subscription until after the disconnect. */
const seconds = 12
const leaveAfterSeconds = 8
const maxGrowthMib = 100

export const manySubscriptions: Scenario = {
  id: 'subscriptions',
  title: `up to ${channels.toLocaleString('en')} names of ${nameCharacters} characters, and a disconnect`,
  group: 'one client subscribes to',
  lack: withoutRedisServer,
  play,
}

async function play({ directory }: ScenarioManner): Promise<Played> {
  await using stack = new AsyncDisposableStack()
  const redis = stack.use(await OperatedRedis.started())
  // The rate of one client is bounded as shipped; here what its subscriptions cost is measured, and not their rate.
  const server = { max_messages_per_second: 0, max_bytes_per_second: 0 }
  const scaling = { enabled: true, secret: 's', server: redis.address }
  const serve = async () => stack.use(await LoggedServer.started(directory, { server, scaling }))
  const servers = [await serve(), await serve()] as const
  await haveMet(...servers)
  const pings = servers.map(({ at }) => stack.use(pinging(at)))
  const settings: NamesSettings = { at: servers[0].at, count: channels, characters: nameCharacters }
  const client = stack.use(start<NamesOrder, NamesReport>('names', settings, 'usual'))
  const measure = (seconds: number) => Promise.all(pings.map(child => child.order({ seconds })))

  const without = await measure(measuredSeconds)
  const before = servers.map(({ pid }) => rssBytes(pid))
  using memory = new MemoryWatch(servers[0].pid)
  using otherMemory = new MemoryWatch(servers[1].pid)
  const [during, { sent, subscribed, refused }] = await Promise.all([
    measure(seconds),
    client.order({ seconds: leaveAfterSeconds }),
  ])
  const most = [memory.most, otherMemory.most]
  return {
    measures: [
      { text: 'sent', value: sent },
      { text: 'subscribed', value: subscribed },
      { text: 'refused', value: refused },
      ...['its server', 'other server'].flatMap((name, i) => [
        { text: `${name}: MiB before`, value: before[i]! / mebibyte },
        { text: 'growth, MiB', value: (most[i]! - before[i]!) / mebibyte, limit: maxGrowthMib },
        ...pingMeasures(without[i]!, during[i]!),
      ]),
    ],
    faults: during.flatMap(({ faults }) => faults),
  }
}
