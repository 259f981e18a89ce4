/** Queues the events of one of pusher-js's emitters (a channel, a user, a watchlist, a connection) until a test takes them. */
import type { Channel, default as Pusher } from 'pusher-js'
import { Queue } from '../queue.ts'

// biome-ignore lint/suspicious/noExplicitAny: the test knows the type
type Data = any
type Emitter = { bind_global(callback: (event: string, data: Data) => void): unknown }

export class EventQueue {
  private readonly queue = new Queue<[event: string, data: Data]>()

  /** Queues every event from now on. */
  constructor(emitter: Emitter) {
    emitter.bind_global((event, data) => this.queue.add([event, data]))
  }

  /** The next event, whichever it is. */
  next(): Promise<[event: string, data: Data]> {
    return this.queue.next()
  }

  /** The data of the next event of this name; earlier events are skipped. */
  async until(event: string): Promise<Data> {
    for (;;) {
      const [name, data] = await this.next()
      if (name === event) return data
    }
  }

  /** The events that have arrived and were not taken. */
  rest(): [event: string, data: Data][] {
    return this.queue.rest()
  }
}

/** Subscribes a client to a channel, and queues the channel's events from then on. */
export async function subscribed<C extends Channel>(client: Pusher, name: string): Promise<{ channel: C; events: EventQueue }> {
  const channel = client.subscribe(name) as C
  const events = new EventQueue(channel)
  const [event, data] = await events.next()
  if (event !== 'pusher:subscription_succeeded') throw new Error(`${event} on ${name}: ${JSON.stringify(data)}`)
  return { channel, events }
}

/** The data of the error that a client receives instead of being subscribed. */
export async function refused(client: Pusher, name: string): Promise<Data> {
  const [event, data] = await new EventQueue(client.subscribe(name)).next()
  if (event !== 'pusher:subscription_error') throw new Error(`${event} on ${name}`)
  return data
}

/** Waits until the client's connection is in this state. */
export async function reached(client: Pusher, state: string): Promise<void> {
  if (client.connection.state !== state) await new EventQueue(client.connection).until(state)
}

/** Signs a client in, and queues the events that are sent to its user. */
export async function signedIn(client: Pusher): Promise<EventQueue> {
  const connection = new EventQueue(client.connection)
  const user = new EventQueue(client.user)
  client.signin()
  for (;;) {
    const { event, channel = '', data } = await connection.until('message')
    // A watchlist that is too long is refused with 4302; the sign-in succeeds all the same.
    if (event === 'pusher:error' && data.code !== 4302) throw new Error(`not signed in: ${JSON.stringify(data)}`)
    if (event === 'pusher_internal:subscription_succeeded' && channel.startsWith('#server-to-user-')) return user
  }
}
