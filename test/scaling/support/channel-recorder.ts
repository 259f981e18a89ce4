/** Records every event that one client receives on a channel, in order, from its subscription on. */
import type { Channel, default as Pusher } from 'pusher-js'
import { until } from '../../support/until.ts'

// biome-ignore lint/suspicious/noExplicitAny: the test knows the type
type Data = any
export type ReceivedEvent = readonly [event: string, data: Data]

export class ChannelRecorder {
  private readonly events: ReceivedEvent[] = []
  private readonly marks = new Set<string>()
  /** The members of the channel when the client subscribed. */
  private first: readonly string[] = []

  private constructor(
    readonly client: Pusher,
    readonly channel: Channel,
  ) {
    channel.bind_global((event: string, data: Data) => {
      if (event === 'pusher:subscription_succeeded' && data?.members !== undefined) this.first = Object.keys(data.members)
      if (event === 'mark') this.marks.add(data)
      else this.events.push([event, data])
    })
  }

  /** Resolves when the client is subscribed. @throws when the subscription is refused */
  static async on(client: Pusher, name: string): Promise<ChannelRecorder> {
    const recorder = new ChannelRecorder(client, client.subscribe(name))
    await until(`an answer on ${name}`, () => recorder.events.length > 0)
    const [event, data] = recorder.events.shift()!
    if (event !== 'pusher:subscription_succeeded') throw new Error(`${event} on ${name}: ${JSON.stringify(data)}`)
    return recorder
  }

  get socketId(): string {
    return this.client.connection.socket_id
  }

  receivedMarks(marks: readonly string[]): boolean {
    return marks.every(mark => this.marks.has(mark))
  }

  /** The events received so far, oldest first. */
  get received(): readonly ReceivedEvent[] {
    return this.events
  }

  /** The data of all events of this name. */
  all(event: string): Data[] {
    return this.events.filter(([name]) => name === event).map(([, data]) => data)
  }

  /** The members that were added and removed, in order: `+ann`, `-ann`. */
  get memberChanges(): string[] {
    return this.events.flatMap(([event, data]) => {
      if (event === 'pusher:member_added') return [`+${data.id}`]
      return event === 'pusher:member_removed' ? [`-${data.id}`] : []
    })
  }

  /**
   * The members by all that the client has received.
   *
   * @throws when a member was added who was there, or removed who was not
   */
  get members(): string[] {
    const present = new Set(this.first)
    for (const change of this.memberChanges) {
      const id = change.slice(1)
      if (present.has(id) === change.startsWith('+')) throw new Error(`twice: ${change} of ${this.memberChanges.join(' ')}`)
      if (!present.delete(id)) present.add(id)
    }
    return [...present].sort()
  }

  /** The data of the first event of this name, once it has arrived. */
  async waitFor(event: string): Promise<Data> {
    await until(`${this.channel.name}: ${event}`, () => this.all(event).length > 0)
    return this.all(event)[0]
  }

  /** Forgets the events received so far; the members stay. */
  clear(): void {
    this.first = this.members
    this.events.length = 0
  }

  leave(): void {
    this.client.disconnect()
  }
}
