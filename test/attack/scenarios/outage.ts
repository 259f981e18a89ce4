/**
 * Two servers of one cluster, a publisher of 20 MB/s on the first, and a fault of Redis. What the publisher sends is numbered: a
 * subscriber on each server counts what arrives, once and in order.
 */
import { rssBytes } from 'revurb-bench/machine/process.ts'
import { withoutRedisServer } from '../../support/redis-process.ts'
import { SlowLink } from '../../support/slow-link.ts'
import { MemoryWatch } from '../memory.ts'
import type { PublishOrder } from '../publisher/program.ts'
import { type PublisherReport, type PublisherSettings, publisherConnections } from '../publisher/publisher.ts'
import type { SubscriberReport, SubscribersSettings } from '../subscribers/program.ts'
import { eventBytes, judged } from './outage-goals.ts'
import { OperatedRedis } from './redis.ts'
import type { RedisFault } from './redis-faults.ts'
import type { Scenario, ScenarioOptions, ScenarioOutcome } from './scenario.ts'
import { areConnected, LoggedServer, lastArrived, pinging, start, timeoutMs } from './servers.ts'

const channel = 'orders'
const bytesPerSecond = 20_000_000
const warmUpSeconds = 2
const measuredSeconds = 2
/** The publisher goes on for so long after the fault. */
const recoverySeconds = 3
const lookMs = 50

export function outage(fault: RedisFault): Scenario {
  return { id: fault.id, title: fault.title, group: 'Redis is', lack: withoutRedisServer, play: options => play(fault, options) }
}

async function play(fault: RedisFault, { directory, seconds }: ScenarioOptions): Promise<ScenarioOutcome> {
  await using stack = new AsyncDisposableStack()
  const redis = stack.use(await OperatedRedis.started())
  const link = fault.hasLink ? stack.use(await SlowLink.to(redis.address)) : undefined
  const serve = async (server: object) =>
    stack.use(await LoggedServer.started(directory, { scaling: { enabled: true, secret: 's', server } }))
  const servers = [await serve(link?.address ?? redis.address), await serve(redis.address)] as const
  const [publishing, other] = servers
  await areConnected(publishing, other)
  const pings = servers.map(({ at }) => stack.use(pinging(at)))
  const listen: SubscribersSettings = { at: servers.map(({ at }) => at), channel, streams: publisherConnections }
  const subscribers = stack.use(start<object, SubscriberReport[]>('subscribers', listen, 'usual'))
  const publish: PublisherSettings = { at: publishing.at, channel, eventBytes, perSecond: bytesPerSecond / eventBytes }
  const publisher = stack.use(start<PublishOrder, PublisherReport>('publisher', publish, 'usual'))
  const load = async (seconds: number) => {
    const [published, ...reports] = await Promise.all([
      publisher.order({ seconds }),
      ...pings.map(child => child.order({ seconds })),
    ])
    return { published, reports }
  }

  await subscribers.order({})
  await publisher.order({ seconds: warmUpSeconds })
  const { reports: without } = await load(measuredSeconds)
  const rssBefore = servers.map(({ pid }) => rssBytes(pid))
  const measured = await (async () => {
    using health = new HealthWatch(publishing)
    using memory = new MemoryWatch(publishing.pid)
    using otherMemory = new MemoryWatch(other.pid)
    const rssDuring: number[] = []
    const [{ published, reports }] = await Promise.all([
      load(seconds + recoverySeconds),
      health.during(async () => {
        await fault.begin({ redis, link }, seconds)
        await Bun.sleep(seconds * 1000)
        rssDuring.push(memory.peak, otherMemory.peak)
        await fault.end({ redis, link })
      }),
    ])
    const [here, there] = (await lastArrived(subscribers, published.last)) as [SubscriberReport, SubscriberReport]
    await health.recovered()
    return {
      published,
      here,
      there,
      pings: reports,
      rssDuring,
      rssMost: [memory.peak, otherMemory.peak],
      degradedAfter: health.degradedAfter,
      isReady: health.isReady,
    }
  })()
  for (const server of servers) await server.stop()
  const dropped = droppedBy(publishing) + droppedBy(other)
  return judged({
    ...measured,
    seconds: seconds + recoverySeconds,
    delivers: fault.delivers ?? false,
    without,
    rssBefore,
    dropped,
  })
}

/** It logs how many it has dropped since its start. */
function droppedBy(server: LoggedServer): number {
  const { dropped } = (server.logged('cluster-loss').at(-1)?.context ?? { dropped: 0 }) as { dropped: number }
  return dropped
}

/** Looks at /ready until it is disposed of. */
class HealthWatch implements Disposable {
  isReady = true
  /** Seconds from the beginning of the fault. */
  degradedAfter = Number.POSITIVE_INFINITY
  private beganMs: number | undefined
  private isDisposed = false

  constructor(private readonly server: LoggedServer) {
    void this.watch()
  }

  async during(fault: () => Promise<void>): Promise<void> {
    this.beganMs = performance.now()
    await fault()
    this.beganMs = undefined
  }

  async recovered(): Promise<void> {
    const deadline = performance.now() + timeoutMs
    while (!this.isReady && performance.now() < deadline) await Bun.sleep(lookMs)
  }

  [Symbol.dispose](): void {
    this.isDisposed = true
  }

  private async watch(): Promise<void> {
    while (!this.isDisposed) {
      this.isReady = await this.server.isReady().catch(() => this.isReady)
      const afterMs = this.isReady || this.beganMs === undefined ? Number.POSITIVE_INFINITY : performance.now() - this.beganMs
      this.degradedAfter = Math.min(this.degradedAfter, afterMs / 1000)
      await Bun.sleep(lookMs)
    }
  }
}
