/** Clients of one channel that stop reading, beside others that keep up. */
import { rssBytes } from 'revurb-bench/machine/process.ts'
import { MemoryWatch } from '../memory.ts'
import type { PublishOrder } from '../publisher/program.ts'
import { type PublisherReport, type PublisherSettings, publisherConnections } from '../publisher/publisher.ts'
import type { ReaderOrder, ReaderReport, ReaderSettings } from '../readers/program.ts'
import type { SubscriberReport, SubscribersSettings } from '../subscribers/program.ts'
import { mebibyte, pingMeasures } from './measures.ts'
import type { Scenario, ScenarioOptions, ScenarioOutcome } from './scenario.ts'
import { LoggedServer, lastArrived, pinging, start } from './servers.ts'

const channel = 'orders'
const stalled = 500
const keepingUp = 50
const eventBytes = 4096
/** 30 MB/s for all readers together: with the kernel's buffers one is full after a few seconds. */
const perSecond = 100
const warmUpSeconds = 2
const measuredSeconds = 2
const maxGrowthMib = 150
/** Codes of log lines that count connections that are closed for what waits for them. */
const closedCodes = ['slow-client', 'queued-total']

export const stalledReaders: Scenario = {
  id: 'stalled-readers',
  title: `${stalled} readers that stall, ${keepingUp} that keep up, events of 4 KB`,
  group: 'readers',
  play,
}

async function play({ directory, seconds }: ScenarioOptions): Promise<ScenarioOutcome> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await LoggedServer.started(directory, {}))
  const { at, pid } = server
  const pings = stack.use(pinging(at))
  const listen: SubscribersSettings = { at: Array(keepingUp).fill(at), channel, streams: publisherConnections }
  const subscribers = stack.use(start<object, SubscriberReport[]>('subscribers', listen, 'usual'))
  const readers = stack.use(
    start<ReaderOrder, ReaderReport>('readers', { at, channel, count: stalled } satisfies ReaderSettings, 'usual'),
  )
  const publish: PublisherSettings = { at, channel, eventBytes, perSecond }
  const publisher = stack.use(start<PublishOrder, PublisherReport>('publisher', publish, 'usual'))
  const load = (seconds: number) => Promise.all([publisher.order({ seconds }), pings.order({ seconds })])

  await subscribers.order({})
  await readers.order({ reads: true })
  await publisher.order({ seconds: warmUpSeconds })
  const [, without] = await load(measuredSeconds)
  const before = rssBytes(pid)
  await readers.order({ reads: false })
  const { published, during, peak } = await (async () => {
    using memory = new MemoryWatch(pid)
    const [published, during] = await load(seconds)
    return { published, during, peak: memory.peak }
  })()
  const reports = await lastArrived(subscribers, published.last)
  const { closed } = await readers.order({ reads: true })
  await server.stop()

  const counted = closedCodes
    .flatMap(code => server.logged(code))
    .reduce((sum, { context }) => sum + (context as { count: number }).count, 0)
  const sent = published.last.reduce((sum, last) => sum + last, 0)
  const complete = reports.filter(({ received, repeated, skipped }) => received === sent && repeated + skipped === 0).length
  return {
    measures: [
      { text: 'events', value: sent },
      { text: 'MiB before', value: before / mebibyte },
      { text: 'MiB at most', value: peak / mebibyte },
      { text: 'growth, MiB', value: (peak - before) / mebibyte, limit: maxGrowthMib },
      // What 55,000 deliveries a second of 4 KB cost is a matter of the machine.
      ...pingMeasures(without, during, { p99: Number.POSITIVE_INFINITY }),
      { text: 'closed', value: closed },
      { text: 'counted in the log', value: counted },
    ],
    faults: [
      ...published.failures.map(reason => `a publish failed: ${reason}`),
      ...(complete === keepingUp
        ? []
        : [`${keepingUp - complete} of ${keepingUp} readers that keep up did not receive everything`]),
      ...(counted === closed ? [] : [`${closed} readers were closed, and the log counts ${counted}`]),
      ...during.faults,
    ],
  }
}
