/** A well-behaved client and its application, in the midst of it all: they must notice nothing. */
import { Client, type Frame } from '../support/client.ts'
import { channelAuth, signedQuery } from '../support/sign.ts'
import type { FuzzApp } from './apps.ts'
import type { Watch } from './watch.ts'
import { patienceMs } from './wire.ts'

export class Canary {
  readonly channels: readonly string[]
  private round = 0

  private constructor(
    private readonly app: FuzzApp,
    private readonly port: number,
    private readonly client: Client,
    private readonly watch: Watch,
  ) {
    const name = `canary-of-${app.mark}`
    this.channels = [name, `private-cache-${name}`, `presence-${name}`].sort()
  }

  static async seated(port: number, app: FuzzApp, watch: Watch): Promise<Canary> {
    const canary = new Canary(app, port, await Client.greeted(port, { key: app.key }), watch)
    for (const channel of canary.channels) await canary.subscribe(channel)
    return canary
  }

  /** Publishes to itself and asks whether the server is there, until it is told to stop. */
  async sing(stopped: () => boolean): Promise<void> {
    try {
      while (!stopped()) await this.verse()
    } catch (error) {
      this.watch.violation(`the canary of ${this.app.id}: ${(error as Error).message}`)
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

  private async verse(): Promise<void> {
    const data = `${this.app.mark} ${++this.round}`
    const body = JSON.stringify({ name: 'verse', channels: this.channels, data })
    await this.api('POST', '/events', body)
    for (const channel of this.channels) {
      const heard = await this.next(data)
      if (heard.event !== 'verse' || heard.channel !== channel || heard.data !== data)
        throw new Error(`${JSON.stringify(heard)} came instead of "${data}" on ${channel}`)
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

  /** Passes over how many are subscribed, and that nothing was cached at first. */
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
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${patienceMs} ms`)), patienceMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
