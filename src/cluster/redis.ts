/**
 * Redis's publish and subscribe as a backplane. It takes two connections, as a subscribed one can do nothing else. A message that was
 * published comes back on the subscribed connection: this echo shows that Redis delivers. The backplane reconnects without end.
 */
import type { Redis } from 'ioredis'
import type { Backplane, BackplaneListener, Defer } from './backplane.ts'
import type { RedisAddress } from './redis-address.ts'
import { newRedisClient, type RedisClient } from './redis-client.ts'
import { isProbe, newProbe } from './redis-probe.ts'

export type RedisBackplaneOptions = {
  readonly address: RedisAddress
  readonly channel: string
  readonly listener: BackplaneListener
  readonly random: () => number
  readonly sleep: (ms: number) => Promise<unknown>
  readonly defer: Defer
}

/** A connection is dead, and replaced, if neither an echo arrives nor an attempt to connect ends for this long. */
const echoTimeoutMs = 15_000
const closeMs = 500
/**
 * The echo of one message of this many characters is awaited. Even on a slow connection, one of a full window of unacknowledged messages
 * arrives in time.
 */
const sampleCharacters = 65_536

export function redisBackplane(options: RedisBackplaneOptions): Backplane {
  return new RedisBackplane(options)
}

class RedisBackplane implements Backplane {
  private publisher: RedisClient
  private subscriber: RedisClient
  private master: Redis | undefined
  /** The state that was reported to the listener. It is connecting until the first attempt has ended. */
  private state: 'connecting' | 'connected' | 'disconnected' = 'connecting'
  private isSubscribed = false
  /** While ioredis connects to a cluster, a second SUBSCRIBE would end the connection of the first. */
  private isSubscribing = false
  private reason = 'not connected yet'
  /** Redis has refused the last publish, for example by its ACL. The probe is published every second until Redis accepts it. */
  private isPublishRefused = false
  /**
   * Echoes did not arrive, or a publish was refused: the backplane is connected again once the echo of its probe has arrived. By then every
   * message that was published before the probe has been delivered, if Redis accepted it.
   */
  private needsProbe = false
  private readonly probe: string
  /** Messages whose echo is awaited, the oldest first: one of every second, and one of every `sampleCharacters`. */
  private awaitedEchoes: string[] = []
  private charactersSinceSample = Number.POSITIVE_INFINITY
  /** Since when an echo, or the end of an attempt to connect, is awaited. */
  private waitingSinceMs: number | undefined
  private disconnectedSinceMs: number | undefined
  private isClosed = false
  /** Settles when the last publish has been answered, or has failed. */
  private lastPublish: Promise<unknown> = Promise.resolve()

  constructor(private readonly options: RedisBackplaneOptions) {
    this.probe = newProbe(options.random)
    this.publisher = this.createClient()
    this.subscriber = this.createSubscriber()
  }

  send(message: string): void {
    if (this.state !== 'connected' || this.isClosed) return
    this.charactersSinceSample += message.length
    if (this.charactersSinceSample >= sampleCharacters) {
      this.awaitedEchoes.push(message)
      this.charactersSinceSample = 0
    }
    this.lastPublish = this.publish(message)
  }

  check(nowMs: number): void {
    this.charactersSinceSample = Number.POSITIVE_INFINITY
    const isConnected = this.state === 'connected'
    this.disconnectedSinceMs = isConnected ? undefined : (this.disconnectedSinceMs ?? nowMs)
    if (isConnected && this.awaitedEchoes.length === 0) return
    // Every echo that arrives resets it: while some do, the connection is slow and not dead.
    this.waitingSinceMs ??= nowMs
    if (nowMs - this.waitingSinceMs >= echoTimeoutMs || this.isClusterLost(nowMs)) this.replaceConnections()
    else if (!this.isSubscribed && !this.isSubscribing && this.subscriber.status === 'ready') this.subscribe(this.subscriber)
    else this.markConnectedIfReady()
  }

  /** A client of a cluster may try for ever to use a server that the cluster has named, and that is none of its servers. */
  private isClusterLost(nowMs: number): boolean {
    return (
      'nodes' in this.publisher && this.disconnectedSinceMs !== undefined && nowMs - this.disconnectedSinceMs >= echoTimeoutMs
    )
  }

  /** Waits half a second at most for Redis to answer. */
  async close(): Promise<void> {
    this.isClosed = true
    if (this.state === 'connected') await Promise.race([this.lastPublish, this.options.sleep(closeMs)])
    this.subscriber.disconnect()
    this.publisher.disconnect()
  }

  private async publish(message: string): Promise<void> {
    const { publisher } = this
    try {
      await this.publishConnection(publisher).publish(this.options.channel, message)
    } catch (error) {
      if (publisher === this.publisher) this.onRefusal((error as Error).message)
      return
    }
    if (publisher === this.publisher) this.onAcceptance()
  }

  private onAcceptance(): void {
    if (!this.isPublishRefused) return
    this.isPublishRefused = false
    this.markConnectedIfReady()
  }

  private onRefusal(reason: string): void {
    this.isPublishRefused = true
    this.needsProbe = true
    this.reason = reason
    this.clearEchoes()
    this.markDisconnected()
  }

  /**
   * In a cluster always the same server: messages that are published to several would overtake each other. Where no server is left, the
   * client of the cluster refuses the message.
   */
  private publishConnection(publisher: RedisClient): RedisClient {
    if (!('nodes' in publisher)) return publisher
    const masters = publisher.nodes('master')
    const at = Math.max(0, masters.indexOf(this.master as Redis))
    this.master = masters[at]
    return [...masters, publisher][at]!
  }

  private createSubscriber(): RedisClient {
    const client = this.createClient()
    client.on('message', (_channel: string, message: string) => {
      // ioredis may emit messages that it received before it noticed that the connection has ended.
      if (this.isClosed || client !== this.subscriber) return
      if (!isProbe(message)) {
        this.onEcho(message)
        this.options.listener.onMessage(message)
      } else if (message === this.probe) {
        this.needsProbe = false
        this.markConnectedIfReady()
      }
    })
    client.on('ready', () => this.subscribe(client))
    client.on('close', () => this.setSubscribed(client, false))
    return client
  }

  /** Echoes arrive in order: those of earlier messages do not arrive any more. */
  private onEcho(message: string): void {
    const at = this.awaitedEchoes.indexOf(message)
    if (at < 0) return
    this.awaitedEchoes.splice(0, at + 1)
    this.waitingSinceMs = undefined
  }

  private subscribe(client: RedisClient): void {
    this.isSubscribing = true
    void client.subscribe(this.options.channel).then(
      () => this.setSubscribed(client, true),
      (error: Error) => {
        this.reason = error.message
        this.clearEchoes()
        this.setSubscribed(client, false)
      },
    )
  }

  private createClient(): RedisClient {
    const client = newRedisClient(this.options.address, this.options.random, this.options.defer)
    client.on('error', (error: Error) => {
      this.reason = error.message || this.reason
    })
    client.on('ready', () => this.markConnectedIfReady())
    client.on('close', () => {
      this.clearEchoes()
      if (this.publisher.status !== 'ready') this.markDisconnected()
    })
    return client
  }

  private setSubscribed(client: RedisClient, isSubscribed: boolean): void {
    if (client !== this.subscriber) return
    this.isSubscribing = false
    this.isSubscribed = isSubscribed
    if (isSubscribed) this.markConnectedIfReady()
    else this.markDisconnected()
  }

  /** Reports that the backplane is connected once both connections are, and Redis is known to accept and to deliver messages. */
  private markConnectedIfReady(): void {
    if (this.state === 'connected' || !this.isSubscribed || this.publisher.status !== 'ready' || this.isClosed) return
    if (this.isPublishRefused || this.needsProbe) {
      void this.publish(this.probe)
      return
    }
    this.state = 'connected'
    this.clearEchoes()
    this.reason = 'the connection was closed'
    this.options.listener.onConnected()
  }

  /** Reports that the backplane is disconnected, also where the first attempt to connect has failed. */
  private markDisconnected(): void {
    if (this.state === 'disconnected' || this.isClosed) return
    this.state = 'disconnected'
    this.options.listener.onDisconnected(this.reason)
  }

  private clearEchoes(): void {
    this.awaitedEchoes = []
    this.waitingSinceMs = undefined
  }

  /** The connections look open, and deliver nothing. */
  private replaceConnections(): void {
    this.reason = `Redis has not delivered this server's own messages for ${echoTimeoutMs / 1000} s`
    this.publisher.disconnect()
    this.subscriber.disconnect()
    this.isSubscribed = false
    this.isSubscribing = false
    this.isPublishRefused = false
    this.needsProbe = true
    this.disconnectedSinceMs = undefined
    this.clearEchoes()
    this.markDisconnected()
    this.publisher = this.createClient()
    this.subscriber = this.createSubscriber()
  }
}
