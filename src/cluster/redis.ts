/**
 * Redis's publish and subscribe as a backplane. Two connections, as a subscribed one can do nothing else. It tries for ever
 * to come back.
 */
import type { Redis } from 'ioredis'
import type { Backplane, Listener } from './backplane.ts'
import type { RedisAddress } from './redis-address.ts'
import { newRedisClient, type RedisClient } from './redis-client.ts'

export type RedisBackplaneOptions = {
  readonly address: RedisAddress
  readonly channel: string
  readonly listener: Listener
  readonly random: () => number
  readonly sleep: (ms: number) => Promise<unknown>
  /** Runs a function soon, in another turn of the event loop. */
  readonly defer: (act: () => void) => void
}

/** What is said comes back, and a try to connect comes to an end: one of the connections is dead where nothing does for so long. */
const deafMs = 15_000
const closeMs = 500
/** After so many characters at the latest, one text is awaited: on a slow connection one comes back in time even behind a full window. */
const awaitEvery = 65_536
/** What nobody says, and nobody hears. */
const probe = ''

export function redisBackplane(options: RedisBackplaneOptions): Backplane {
  return new RedisBackplane(options)
}

class RedisBackplane implements Backplane {
  private publisher: RedisClient
  private subscriber: RedisClient
  private master: Redis | undefined
  /** Undefined before the first try has come to an end. */
  private isUp: boolean | undefined
  private isSubscribed = false
  /** A second wish to subscribe overtakes the first while ioredis connects to a cluster, and ends that connection. */
  private isSubscribing = false
  private reason = 'not connected yet'
  /** Redis did not take what was said; it is asked every second whether it would. */
  private isRefused = false
  /**
   * What was said did not come back before, or some of it was refused: it gets through again once a probe has come back. By then all that
   * was said before has come back too, if it was taken.
   */
  private isDeaf = false
  /** Texts that were said and have not come back, the oldest first: one of every second, and of every so many characters. */
  private awaited: string[] = []
  private unawaited = Number.POSITIVE_INFINITY
  /** Since when something is to come, or to happen at all while nothing gets through. */
  private awaitedSinceMs: number | undefined
  /** Since when nothing gets through, whatever was tried meanwhile. */
  private downSinceMs: number | undefined
  private isClosed = false
  /** Settles when all that was said has got through, or has not. */
  private said: Promise<unknown> = Promise.resolve()

  constructor(private readonly options: RedisBackplaneOptions) {
    this.publisher = this.connect()
    this.subscriber = this.subscribe()
  }

  send(text: string): void {
    if (!this.isUp) return
    this.unawaited += text.length
    if (this.unawaited >= awaitEvery) {
      this.awaited.push(text)
      this.unawaited = 0
    }
    this.said = this.publish(text)
  }

  check(nowMs: number): void {
    this.unawaited = Number.POSITIVE_INFINITY
    this.downSinceMs = this.isUp ? undefined : (this.downSinceMs ?? nowMs)
    if (this.isUp && this.awaited.length === 0) return
    // Set back by whatever comes back: as long as something does, it is slow and not dead.
    this.awaitedSinceMs ??= nowMs
    if (nowMs - this.awaitedSinceMs >= deafMs || this.isAstray(nowMs)) this.rebuild()
    else if (!this.isSubscribed && !this.isSubscribing && this.subscriber.status === 'ready') this.listen(this.subscriber)
    else this.look()
  }

  /** A client of a cluster may go on for ever with a server to which the cluster has sent it, and which is none. */
  private isAstray(nowMs: number): boolean {
    return 'nodes' in this.publisher && this.downSinceMs !== undefined && nowMs - this.downSinceMs >= deafMs
  }

  /** A Redis that does not answer is not waited for. */
  async close(): Promise<void> {
    this.isClosed = true
    if (this.isUp) await Promise.race([this.said, this.options.sleep(closeMs)])
    this.subscriber.disconnect()
    this.publisher.disconnect()
  }

  private async publish(text: string): Promise<void> {
    const { publisher } = this
    try {
      await this.speaker(publisher).publish(this.options.channel, text)
      if (!this.isRefused || publisher !== this.publisher) return
      this.isRefused = false
      this.look()
    } catch (error) {
      if (publisher !== this.publisher) return
      this.isRefused = true
      this.isDeaf = true
      this.reason = (error as Error).message
      this.awaitNothing()
      this.fall()
    }
  }

  /** In a cluster always the same server: by several, what is said later would overtake what was said before. */
  private speaker(publisher: RedisClient): RedisClient {
    if (!('nodes' in publisher)) return publisher
    const masters = publisher.nodes('master')
    this.master = masters.find(master => master === this.master) ?? masters[0]
    return this.master ?? publisher
  }

  private subscribe(): RedisClient {
    const client = this.connect()
    client.on('message', (_channel: string, text: string) => {
      // Redis may have sent more by the time that it takes notice of the end of a connection.
      if (this.isClosed || client !== this.subscriber) return
      if (text === probe) {
        this.isDeaf = false
        this.look()
        return
      }
      this.comeBack(text)
      this.options.listener.onText(text)
    })
    client.on('ready', () => this.listen(client))
    client.on('close', () => this.update(client, false))
    return client
  }

  /** What was said before it does not come any more. */
  private comeBack(text: string): void {
    const at = this.awaited.indexOf(text)
    if (at < 0) return
    this.awaited.splice(0, at + 1)
    this.awaitedSinceMs = undefined
  }

  private listen(client: RedisClient): void {
    this.isSubscribing = true
    void client.subscribe(this.options.channel).then(
      () => this.update(client, true),
      (error: Error) => {
        this.reason = error.message
        this.awaitNothing()
        this.update(client, false)
      },
    )
  }

  private connect(): RedisClient {
    const client = newRedisClient(this.options.address, this.options.random, this.options.defer)
    client.on('error', (error: Error) => {
      this.reason = error.message || this.reason
    })
    client.on('ready', () => this.look())
    client.on('close', () => {
      this.awaitNothing()
      if (this.publisher.status !== 'ready') this.fall()
    })
    return client
  }

  private update(client: RedisClient, isSubscribed: boolean): void {
    if (client !== this.subscriber) return
    this.isSubscribing = false
    this.isSubscribed = isSubscribed
    if (isSubscribed) this.look()
    else this.fall()
  }

  /** Up is when both are there and Redis takes what is said, and delivers it where it has not before. That it is not so yet is not worth a word. */
  private look(): void {
    if (this.isUp || !this.isSubscribed || this.publisher.status !== 'ready' || this.isClosed) return
    if (this.isRefused || this.isDeaf) {
      void this.publish(probe)
      return
    }
    this.isUp = true
    this.awaitNothing()
    this.reason = 'the connection was closed'
    this.options.listener.onUp()
  }

  /** That it is so no longer is worth a word, and that it could not be. */
  private fall(): void {
    if (this.isUp === false || this.isClosed) return
    this.isUp = false
    this.options.listener.onDown(this.reason)
  }

  private awaitNothing(): void {
    this.awaited = []
    this.awaitedSinceMs = undefined
  }

  /** Connected by the looks of it, and what is said does not come back. */
  private rebuild(): void {
    this.reason = `what was said did not come back within ${deafMs / 1000} s`
    this.publisher.disconnect()
    this.subscriber.disconnect()
    this.isSubscribed = false
    this.isSubscribing = false
    this.isRefused = false
    this.isDeaf = true
    this.downSinceMs = undefined
    this.awaitNothing()
    this.fall()
    this.publisher = this.connect()
    this.subscriber = this.subscribe()
  }
}
