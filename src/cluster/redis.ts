/**
 * Redis's publish and subscribe as a backplane. Two connections, as a subscribed one can do nothing else. It tries for ever
 * to come back, and what is said in the meantime waits, within bounds.
 */
import { type ClusterNode, type ClusterOptions, default as Redis, type RedisOptions } from 'ioredis'
import type { Backplane, Listener } from './backplane.ts'
import { TextBuffer } from './buffer.ts'
import type { RedisAddress } from './redis-address.ts'

export type RedisBackplaneOptions = {
  readonly address: RedisAddress
  readonly channel: string
  readonly listener: Listener
  readonly random: () => number
  readonly sleep: (ms: number) => Promise<unknown>
}

/** What may wait while Redis is away. */
const maxWaitingCharacters = 16 * 1024 * 1024
/** A heartbeat comes back every two seconds: a subscription that brings nothing for so long is deaf. */
const deafMs = 15_000
const longestRetryMs = 5000
const closeMs = 500

export function redisBackplane(options: RedisBackplaneOptions): Backplane {
  return new RedisBackplane(options)
}

type Client = Redis | InstanceType<typeof Redis.Cluster>

class RedisBackplane implements Backplane {
  private readonly waiting = new TextBuffer(maxWaitingCharacters)
  private publisher: Client
  private subscriber: Client
  private isUp = false
  private isSubscribed = false
  private reason = 'not connected yet'
  private heardAtMs: number | undefined
  private isClosed = false
  /** Settles when all that was said has got through, or has not. */
  private said: Promise<unknown> = Promise.resolve()

  constructor(private readonly options: RedisBackplaneOptions) {
    this.publisher = this.connect()
    this.subscriber = this.subscribe()
  }

  send(text: string): void {
    if (!this.isUp) this.waiting.add(text)
    else this.said = this.publisher.publish(this.options.channel, text).catch(() => this.waiting.add(text))
  }

  check(nowMs: number): void {
    if (!this.isUp || this.heardAtMs === undefined) this.heardAtMs = nowMs
    else if (nowMs - this.heardAtMs >= deafMs) this.rebuild(nowMs)
  }

  /** A Redis that does not answer is not waited for. */
  async close(): Promise<void> {
    this.isClosed = true
    if (this.isUp) await Promise.race([this.said, this.options.sleep(closeMs)])
    this.subscriber.disconnect()
    this.publisher.disconnect()
  }

  private subscribe(): Client {
    const client = this.connect()
    client.on('message', (_channel: string, text: string) => {
      this.heardAtMs = undefined
      this.options.listener.onText(text)
    })
    client.on('ready', () => {
      void client.subscribe(this.options.channel).then(
        () => this.update(client, true),
        () => this.update(client, false),
      )
    })
    client.on('close', () => this.update(client, false))
    return client
  }

  private connect(): Client {
    const client = newClient(this.options)
    client.on('error', (error: Error) => {
      this.reason = error.message || this.reason
    })
    client.on('ready', () => this.look())
    client.on('close', () => this.look())
    return client
  }

  private update(client: Client, isSubscribed: boolean): void {
    if (client !== this.subscriber) return
    this.isSubscribed = isSubscribed
    this.look()
  }

  /** Up is when both are there. */
  private look(): void {
    const isUp = this.isSubscribed && this.publisher.status === 'ready'
    if (isUp === this.isUp || this.isClosed) return
    this.isUp = isUp
    if (!isUp) {
      this.options.listener.onDown(this.reason)
      return
    }
    this.heardAtMs = undefined
    this.reason = 'the connection was closed'
    for (const text of this.waiting.take()) this.send(text)
    this.options.listener.onUp()
  }

  /** Connected by the looks of it, and deaf. */
  private rebuild(nowMs: number): void {
    this.reason = 'the subscription brought nothing any more and was made anew'
    this.heardAtMs = nowMs
    this.publisher.disconnect()
    this.subscriber.disconnect()
    this.isSubscribed = false
    this.look()
    this.publisher = this.connect()
    this.subscriber = this.subscribe()
  }
}

function newClient({ address, random }: RedisBackplaneOptions): Client {
  const retry = (times: number) => Math.min(longestRetryMs, 50 * 2 ** Math.min(times, 8)) * (0.5 + random() / 2)
  const common: RedisOptions = {
    username: address.username ?? undefined,
    password: address.password ?? undefined,
    db: address.database,
    connectTimeout: address.connectTimeoutMs,
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    autoResubscribe: false,
    maxRetriesPerRequest: null,
    retryStrategy: retry,
    ...(address.tls ? { tls: {} } : {}),
  } as RedisOptions
  const hosts = [...address.hosts]
  if (address.kind === 'cluster') {
    // A certificate is for a name, which must not become an address on the way.
    const names: ClusterOptions = address.tls ? { dnsLookup: (name, done) => done(null, name) } : {}
    const clusterOptions: ClusterOptions = {
      clusterRetryStrategy: retry,
      enableOfflineQueue: false,
      redisOptions: common,
      ...names,
    }
    return new Redis.Cluster(hosts as ClusterNode[], clusterOptions)
  }
  if (address.kind === 'sentinels') {
    return new Redis({
      ...common,
      sentinels: hosts,
      name: address.masterName,
      sentinelRetryStrategy: retry,
      // `tls` alone would leave both in plain text.
      ...(address.tls ? { sentinelTLS: {}, enableTLSForSentinelMode: true } : {}),
      ...(address.sentinelPassword === null ? {} : { sentinelPassword: address.sentinelPassword }),
    })
  }
  return new Redis({ ...common, ...hosts[0] })
}
