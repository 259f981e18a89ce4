/** A client of Redis that hears what the servers say to each other, and says what it likes. */
import { randomUUID } from 'node:crypto'
import Redis from 'ioredis'
import type { Address } from '../../support/redis-ping.ts'
import { until } from '../../support/until.ts'

export class Tap implements AsyncDisposable {
  /** So far, the oldest first. */
  readonly texts: string[] = []
  private readonly speaker: Redis
  private readonly hearer: Redis

  private constructor(
    { host, port }: Address,
    private readonly channel: string,
  ) {
    this.speaker = new Redis(port, host)
    this.hearer = new Redis(port, host)
    this.hearer.on('message', (_, text) => this.texts.push(text))
  }

  /** @param channel as Redis knows it */
  static async on(redis: Address, channel = 'revurb:tests'): Promise<Tap> {
    const tap = new Tap(redis, channel)
    await tap.hearer.subscribe(channel)
    return tap
  }

  /** @returns how many have heard it */
  say(text: string): Promise<number> {
    return this.speaker.publish(this.channel, text)
  }

  /** What has been said of that type. */
  all(type: string): string[] {
    return this.texts.filter(text => text.includes(`,{"type":"${type}"`))
  }

  /** The first text of that type, once it is said. */
  async first(type: string): Promise<string> {
    await until(`somebody says ${type}`, () => this.all(type).length > 0)
    return this.all(type)[0]!
  }

  /** Waits until everything that Redis has been given before has come: what is published now comes after that. */
  async settled(): Promise<void> {
    const mark = `mark ${randomUUID()}`
    await this.say(mark)
    await until('the tap receives its own mark', () => this.texts.includes(mark))
    this.texts.splice(this.texts.indexOf(mark), 1)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.speaker.disconnect()
    this.hearer.disconnect()
  }
}

const signatureLength = 64

/** What is signed: version, node, number and body. */
export function signedOf(text: string): string {
  return text.slice(signatureLength)
}
