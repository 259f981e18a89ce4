/** A correct client and its application beside the workers: their events and requests must keep working. */
import { Client, type Frame } from '../support/client.ts'
import { channelAuth, signedQuery } from '../support/sign.ts'
import type { FuzzApp } from './apps.ts'
import type { Invariants } from './invariants.ts'
import { timeoutMs } from './wire.ts'

export class Canary {
  readonly channels: readonly string[]
  private round = 0

  private constructor(
    private readonly app: FuzzApp,
    private readonly port: number,
    private readonly client: Client,
    private readonly invariants: Invariants,
  ) {
    const name = `canary-of-${app.mark}`
    this.channels = [name, `private-cache-${name}`, `presence-${name}`].sort()
  }

  static async subscribed(port: number, app: FuzzApp, invariants: Invariants): Promise<Canary> {
    const canary = new Canary(app, port, await Client.connected(port, { key: app.key }), invariants)
    for (const channel of canary.channels) await canary.subscribe(channel)
    return canary
  }

  /** Publishes to itself and pings the server until the run is stopped. */
  async run(stopped: () => boolean): Promise<void> {
    try {
      while (!stopped()) await this.publishAndReceive()
    } catch (error) {
      this.invariants.violation(`the canary of ${this.app.id}: ${(error as Error).message}`)
    }
  }

  /** The names of the app's channels, and how many sockets it has. */
  async occupancy(): Promise<{ channels: string[]; connections: number }> {
    const { channels } = (await this.ask('/channels')) as { channels: object }
    const { connections } = (await this.ask('/connections')) as { connections: number }
    return { channels: Object.keys(channels).sort(), connections }
  }

  leave(): void {
    this.client.close()
  }

  private async publishAndReceive(): Promise<void> {
    const data = `${this.app.mark} ${++this.round}`
    const body = JSON.stringify({ name: 'canary', channels: this.channels, data })
    await this.api('POST', '/events', body)
    for (const channel of this.channels) {
      const received = await this.next(data)
      if (received.event !== 'canary' || received.channel !== channel || received.data !== data)
        throw new Error(`${JSON.stringify(received)} came instead of "${data}" on ${channel}`)
    }
    this.client.send({ event: 'pusher:ping' })
    const { event } = await this.next('pong')
    if (event !== 'pusher:pong') throw new Error(`${event} came instead of a pong`)
    await Bun.sleep(50)
  }

  private async subscribe(channel: string): Promise<void> {
    const channel_data = channel.startsWith('presence-') ? JSON.stringify({ user_id: `canary-${this.app.mark}` }) : undefined
    const auth = channelAuth(this.app, this.client.socketId, channel, channel_data)
    this.client.send({ event: 'pusher:subscribe', data: { channel, auth, channel_data } })
    while ((await this.next('subscription_succeeded')).event !== 'pusher_internal:subscription_succeeded');
  }

  /** The next frame that is neither a subscription count nor a cache miss. */
  private async next(wanted: string): Promise<Frame> {
    for (;;) {
      const frame = await within(this.client.next(), `"${wanted}"`)
      if (frame.event !== 'pusher_internal:subscription_count' && frame.event !== 'pusher:cache_miss') return frame
    }
  }

  private async ask(path: string): Promise<unknown> {
    return JSON.parse(await this.api('GET', path)) as unknown
  }

  private async api(method: string, resource: string, body = ''): Promise<string> {
    const path = `/apps/${this.app.id}${resource}`
    const query = signedQuery(this.app, { method, path, body })
    const url = `http://127.0.0.1:${this.port}${path}?${query}`
    const response = await within(fetch(url, { method, ...(body === '' ? {} : { body }) }), `an answer to ${method} ${path}`)
    if (response.status !== 200)
      throw new Error(`${method} ${path} was answered with ${response.status}: ${await response.text()}`)
    return response.text()
  }
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: Timer | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
