/**
 * What other clients notice: pings, and signed requests that publish an event to a subscriber, each at a fixed rate. How late an
 * answer is counts from the moment at which its question was due: a server that stops for a while cannot hide that by not being
 * asked.
 */

import { ApiClient } from 'revurb-bench/load/api-client.ts'
import { type Address, Client } from 'revurb-bench/load/client.ts'
import { textFrame } from 'revurb-bench/load/frames.ts'
import { RequestWriter } from 'revurb-bench/load/requests.ts'
import { Tally } from 'revurb-bench/load/tally.ts'
import { everySoOften } from './schedule.ts'

/** Milliseconds, in no order. */
export type ProbeReport = {
  readonly pings: Float32Array
  readonly posts: Float32Array
  /** How late the probe itself was, which is part of the figures above: what the machine, and not the server, takes. */
  readonly lateness: Float32Array
  /** What a client must never notice, in a sentence each. */
  readonly faults: readonly string[]
}

const pingers = 20
const pingsPerSecond = 400
const publishers = 8
const channel = 'probe'
const eventBytes = 100

export type ProbeOptions = {
  /** How long nothing may be answered before what is missing counts as lost. */
  readonly timeoutMs?: number
  /** 0 where only pings are to be measured, as the events of the probe would count among others. */
  readonly postsPerSecond?: number
}

const usual = { timeoutMs: 15_000, postsPerSecond: 200 }

const ping = textFrame('{"event":"pusher:ping"}')
const pong = '{"event":"pusher:pong"}'

export class Probe {
  private constructor(
    private readonly at: Address,
    private readonly clients: readonly Client[],
    private readonly subscriber: Client,
    private readonly options: Required<ProbeOptions>,
  ) {}

  static async connected(at: Address, options: ProbeOptions = {}): Promise<Probe> {
    const clients = Array.from({ length: pingers }, (_, i) => Client.subscribed({ at, channels: [`probe-${i}`] }))
    const subscriber = await Client.subscribed({ at, channels: [channel] })
    return new Probe(at, await Promise.all(clients), subscriber, { ...usual, ...options })
  }

  async measure(seconds: number): Promise<ProbeReport> {
    const pings = new Pings(this.clients)
    const posts = new Posts(this.at, this.subscriber)
    const lateness: number[] = []
    const atRate = (perSecond: number, act: (dueMs: number, number: number) => void) =>
      everySoOften({ perSecond, seconds }, (dueMs, number) => {
        lateness.push(performance.now() - dueMs)
        act(dueMs, number)
      })
    await Promise.all([
      atRate(pingsPerSecond, (dueMs, number) => pings.send(dueMs, number)),
      atRate(this.options.postsPerSecond, dueMs => posts.send(dueMs)),
    ])
    await Promise.all([settled(pings, this.options.timeoutMs), settled(posts, this.options.timeoutMs)])
    posts.end()
    return {
      pings: Float32Array.from(pings.answeredAfter()),
      posts: Float32Array.from(posts.answeredAfter()),
      lateness: Float32Array.from(lateness),
      faults: [...pings.faults(), ...posts.faults()],
    }
  }
}

type Questions = { readonly unanswered: number; readonly progress: number }

/** Waits until nothing is unanswered, or nothing more comes. */
async function settled(questions: Questions, timeoutMs: number): Promise<void> {
  let { progress } = questions
  let sinceMs = performance.now()
  while (questions.unanswered > 0 && performance.now() - sinceMs < timeoutMs) {
    await Bun.sleep(5)
    if (questions.progress === progress) continue
    progress = questions.progress
    sinceMs = performance.now()
  }
}

class Pings implements Questions {
  private readonly due: number[][]
  private readonly latencies: number[] = []
  private readonly unexpected = new Set<string>()

  constructor(private readonly clients: readonly Client[]) {
    this.due = clients.map(() => [])
    for (const [i, client] of clients.entries()) {
      client.onFrame = (bytes, start, length) => this.answer(i, bytes.toString('latin1', start, start + length))
    }
  }

  get unanswered(): number {
    return this.due.reduce((sum, { length }) => sum + length, 0)
  }

  get progress(): number {
    return this.latencies.length
  }

  send(dueMs: number, number: number): void {
    const index = number % this.clients.length
    this.due[index]!.push(dueMs)
    try {
      this.clients[index]!.send(ping)
    } catch (error) {
      this.unexpected.add(`a client of the probe cannot send: ${(error as Error).message}`)
    }
  }

  /** An unanswered ping took as long as it was waited for. */
  answeredAfter(): number[] {
    const nowMs = performance.now()
    return [...this.latencies, ...this.due.flat().map(dueMs => nowMs - dueMs)]
  }

  faults(): string[] {
    const { unanswered } = this
    return [...this.unexpected, ...(unanswered === 0 ? [] : [`${unanswered} pings were not answered`])]
  }

  private answer(index: number, text: string): void {
    if (text !== pong) return void this.unexpected.add(`a client of the probe received ${text}`)
    const dueMs = this.due[index]!.shift()
    if (dueMs !== undefined) this.latencies.push(performance.now() - dueMs)
  }
}

/** Each publisher has one request under way, and the subscriber must receive every event once and in the publisher's order. */
class Posts implements Questions {
  private readonly tally = new Tally(publishers)
  private readonly writer = new RequestWriter(channel, eventBytes)
  private readonly apiClients: readonly ApiClient[]
  /** When the request was due that each publisher has under way. */
  private readonly underWay: (number | undefined)[] = Array.from({ length: publishers }, () => undefined)
  private readonly numbers = Array.from({ length: publishers }, () => 0)
  /** Due, and waiting for a publisher. */
  private readonly waiting: number[] = []
  private readonly latencies: number[] = []
  private readonly failures = new Set<string>()
  private sent = 0
  private failed = 0

  constructor(at: Address, subscriber: Client) {
    subscriber.onFrame = this.tally.receiver()
    this.apiClients = Array.from(
      { length: publishers },
      (_, i) => new ApiClient({ at, answered: () => this.answer(i), failed: reason => this.fail(i, reason) }),
    )
  }

  get unanswered(): number {
    return this.sent + this.waiting.length - this.latencies.length - this.failed + this.undelivered
  }

  get progress(): number {
    return this.latencies.length + this.tally.received
  }

  send(dueMs: number): void {
    this.waiting.push(dueMs)
    const idle = this.underWay.indexOf(undefined)
    if (idle !== -1) this.next(idle)
  }

  end(): void {
    for (const apiClient of this.apiClients) apiClient.reset()
  }

  /** An unanswered request took as long as it was waited for. */
  answeredAfter(): number[] {
    const nowMs = performance.now()
    const waiting = [...this.waiting, ...this.underWay].filter(dueMs => dueMs !== undefined)
    return [...this.latencies, ...waiting.map(dueMs => nowMs - dueMs)]
  }

  faults(): string[] {
    const unanswered = this.sent + this.waiting.length - this.latencies.length - this.failed
    const { missing, repeated, skipped } = this.tally.faults(this.latencies.length)
    return [
      ...this.failures,
      ...(unanswered === 0 ? [] : [`${unanswered} publishes were not answered`]),
      ...(missing === 0 ? [] : [`${missing} published events were not delivered`]),
      ...(repeated + skipped === 0 ? [] : [`${repeated + skipped} published events were delivered out of order`]),
    ]
  }

  private get undelivered(): number {
    return Math.max(0, this.latencies.length - this.tally.received)
  }

  private next(publisher: number): void {
    const dueMs = this.waiting.shift()
    this.underWay[publisher] = dueMs
    if (dueMs === undefined) return
    this.sent++
    this.numbers[publisher]!++
    this.apiClients[publisher]!.send(this.writer.write(publisher, this.numbers[publisher]!))
  }

  private answer(publisher: number): void {
    this.latencies.push(performance.now() - this.underWay[publisher]!)
    this.next(publisher)
  }

  private fail(publisher: number, reason: Error): void {
    this.failed++
    this.failures.add(`a publish of the probe failed: ${reason.message.split('\r\n')[0]}`)
    this.next(publisher)
  }
}
