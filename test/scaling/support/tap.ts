/** A client of Redis that records the messages between the servers, and publishes any message. */
import { randomUUID } from 'node:crypto'
import Redis from 'ioredis'
import type { Address } from '../../support/redis-ping.ts'
import { until } from '../../support/until.ts'

export class Tap implements AsyncDisposable {
  /** The messages so far, oldest first. */
  readonly messages: string[] = []
  private readonly publisher: Redis
  private readonly subscriber: Redis

  private constructor(
    { host, port }: Address,
    private readonly channel: string,
  ) {
    this.publisher = new Redis(port, host)
    this.subscriber = new Redis(port, host)
    this.subscriber.on('message', (_, message) => this.messages.push(message))
  }

  /** @param channel its name in Redis */
  static async on(redis: Address, channel = 'revurb:tests'): Promise<Tap> {
    const tap = new Tap(redis, channel)
    await tap.subscriber.subscribe(channel)
    return tap
  }

  /** @returns how many connections have received it */
  publish(message: string): Promise<number> {
    return this.publisher.publish(this.channel, message)
  }

  /** The messages of that type. */
  all(type: string): string[] {
    return this.messages.filter(message => message.includes(`,{"type":"${type}"`))
  }

  /** The first message of that type, once one has arrived. */
  async first(type: string): Promise<string> {
    await until(`a message of the type ${type}`, () => this.all(type).length > 0)
    return this.all(type)[0]!
  }

  /** Waits until every message that was published before has arrived. */
  async settled(): Promise<void> {
    const mark = `mark ${randomUUID()}`
    await this.publish(mark)
    await until('the tap receives its own mark', () => this.messages.includes(mark))
    this.messages.splice(this.messages.indexOf(mark), 1)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.publisher.disconnect()
    this.subscriber.disconnect()
  }
}

const signatureLength = 64

/** The part of a message that is signed: version, node, number, body and epoch. */
export function signedOf(message: string): string {
  return message.slice(signatureLength)
}
