/**
 * Redis's publish and subscribe as a backplane. Two connections, as a subscribed one can do nothing else. It tries for ever
 * to come back, and what is said in the meantime waits, within bounds.
 */
import type { Redis } from 'ioredis'
import type { Backplane, Listener } from './backplane.ts'
import { TextBuffer } from './buffer.ts'
import type { RedisAddress } from './redis-address.ts'
import { newRedisClient, type RedisClient } from './redis-client.ts'

export type RedisBackplaneOptions = {
  readonly address: RedisAddress
  readonly channel: string
  readonly listener: Listener
  readonly random: () => number
  readonly sleep: (ms: number) => Promise<unknown>
}

/** What may wait while Redis is away. */
const maxWaitingCharacters = 16 * 1024 * 1024
/** A heartbeat comes back every two seconds, and so does a try to connect: Redis is deaf where nothing happens for so long. */
const deafMs = 15_000
const closeMs = 500

export function redisBackplane(options: RedisBackplaneOptions): Backplane {
  return new RedisBackplane(options)
}

class RedisBackplane implements Backplane {
  private readonly waiting = new TextBuffer(maxWaitingCharacters)
  private publisher: RedisClient
  private subscriber: RedisClient
  private voice: Redis | undefined
  /** Undefined before the first try has come to an end. */
  private isUp: boolean | undefined
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
    else this.said = this.publish(text).catch(() => this.waiting.add(text))
  }

  check(nowMs: number): void {
    if (this.heardAtMs === undefined) this.heardAtMs = nowMs
    else if (nowMs - this.heardAtMs >= deafMs) this.rebuild(nowMs)
  }

  /** A Redis that does not answer is not waited for. */
  async close(): Promise<void> {
    this.isClosed = true
    if (this.isUp) await Promise.race([this.said, this.options.sleep(closeMs)])
    this.subscriber.disconnect()
    this.publisher.disconnect()
  }

  /** In a cluster always by the same server: by several, what is said later would overtake what was said before. */
  private async publish(text: string): Promise<unknown> {
    const { publisher } = this
    if (!('nodes' in publisher)) return publisher.publish(this.options.channel, text)
    const masters = publisher.nodes('master')
    this.voice = masters.find(master => master === this.voice) ?? masters[0]
    return (this.voice ?? publisher).publish(this.options.channel, text)
  }

  private subscribe(): RedisClient {
    const client = this.connect()
    client.on('message', (_channel: string, text: string) => {
      this.heardAtMs = undefined
      this.options.listener.onText(text)
    })
    client.on('ready', () => {
      void client.subscribe(this.options.channel).then(
        () => this.update(client, true),
        (error: Error) => {
          this.reason = error.message
          this.update(client, false)
        },
      )
    })
    client.on('close', () => this.update(client, false))
    return client
  }

  private connect(): RedisClient {
    const client = newRedisClient(this.options.address, this.options.random)
    client.on('error', (error: Error) => {
      this.reason = error.message || this.reason
    })
    client.on('ready', () => this.look())
    client.on('close', () => {
      this.heardAtMs = undefined
      this.look(true)
    })
    return client
  }

  private update(client: RedisClient, isSubscribed: boolean): void {
    if (client !== this.subscriber) return
    this.isSubscribed = isSubscribed
    this.look(!isSubscribed)
  }

  /** Up is when both are there. That one is not there yet is not worth a word; that it has gone, or could not come, is. */
  private look(isGone = false): void {
    const isUp = this.isSubscribed && this.publisher.status === 'ready'
    if (isUp === this.isUp || !(isUp || isGone) || this.isClosed) return
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
    this.reason = `it said nothing for ${deafMs / 1000} s`
    this.heardAtMs = nowMs
    this.publisher.disconnect()
    this.subscriber.disconnect()
    this.isSubscribed = false
    this.look(true)
    this.publisher = this.connect()
    this.subscriber = this.subscribe()
  }
}
