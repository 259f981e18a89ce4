/** What one of the clients' emitters has said, kept until it is asked for: a channel, a user, a watchlist, a connection. */
import type { Channel, default as Pusher } from 'pusher-js'
import { Queue } from '../../../support/queue.ts'

// biome-ignore lint/suspicious/noExplicitAny: what an event carries is what its test says
type Data = any
type Emitter = { bind_global(callback: (event: string, data: Data) => void): unknown }

export class Heard {
  private readonly events = new Queue<[event: string, data: Data]>()

  /** From now on. */
  constructor(emitter: Emitter) {
    emitter.bind_global((event, data) => this.events.add([event, data]))
  }

  /** The next event, whichever it is. */
  next(): Promise<[event: string, data: Data]> {
    return this.events.next()
  }

  /** What the next event of this name carries; others before it are skipped. */
  async until(event: string): Promise<Data> {
    for (;;) {
      const [name, data] = await this.next()
      if (name === event) return data
    }
  }

  /** What has come and was not taken. */
  rest(): [event: string, data: Data][] {
    return this.events.rest()
  }
}

/** A channel to which a client is subscribed, and what comes on it from then on. */
export async function joined<C extends Channel>(client: Pusher, name: string): Promise<{ channel: C; heard: Heard }> {
  const channel = client.subscribe(name) as C
  const heard = new Heard(channel)
  const [event, data] = await heard.next()
  if (event !== 'pusher:subscription_succeeded') throw new Error(`${event} on ${name}: ${JSON.stringify(data)}`)
  return { channel, heard }
}

/** What a client is told instead of being subscribed. */
export async function refused(client: Pusher, name: string): Promise<Data> {
  const [event, data] = await new Heard(client.subscribe(name)).next()
  if (event !== 'pusher:subscription_error') throw new Error(`${event} on ${name}`)
  return data
}

export async function reached(client: Pusher, state: string): Promise<void> {
  if (client.connection.state !== state) await new Heard(client.connection).until(state)
}

/** What the application tells the user that a client signs in as, once it can be told. */
export async function signedIn(client: Pusher): Promise<Heard> {
  const connection = new Heard(client.connection)
  const user = new Heard(client.user)
  client.signin()
  for (;;) {
    const { event, channel = '', data } = await connection.until('message')
    // A watchlist that is too long keeps nobody out.
    if (event === 'pusher:error' && data.code !== 4302) throw new Error(`not signed in: ${JSON.stringify(data)}`)
    if (event === 'pusher_internal:subscription_succeeded' && channel.startsWith('#server-to-user-')) return user
  }
}
