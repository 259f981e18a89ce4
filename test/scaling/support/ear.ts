/** What one client hears on a channel from its subscription on: everything, and in what order. */
import type { Channel, default as Pusher } from 'pusher-js'
import { until } from '../../e2e/support/until.ts'

// biome-ignore lint/suspicious/noExplicitAny: what an event carries is what its test says
type Data = any
export type Told = readonly [event: string, data: Data]

export class Ear {
  private readonly events: Told[] = []
  private readonly marks = new Set<string>()
  /** Who was there when it came. */
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

  /** Resolves when it is subscribed. @throws when it is refused */
  static async on(client: Pusher, name: string): Promise<Ear> {
    const ear = new Ear(client, client.subscribe(name))
    await until(`an answer on ${name}`, () => ear.events.length > 0)
    const [event, data] = ear.events.shift()!
    if (event !== 'pusher:subscription_succeeded') throw new Error(`${event} on ${name}: ${JSON.stringify(data)}`)
    return ear
  }

  get socketId(): string {
    return this.client.connection.socket_id
  }

  heardMarks(marks: readonly string[]): boolean {
    return marks.every(mark => this.marks.has(mark))
  }

  /** So far, the oldest first. */
  get told(): readonly Told[] {
    return this.events
  }

  /** What events of this name carried. */
  all(event: string): Data[] {
    return this.events.filter(([name]) => name === event).map(([, data]) => data)
  }

  /** Who came and who went: `+ann`, `-ann`. */
  get comings(): string[] {
    return this.events.flatMap(([event, data]) => {
      if (event === 'pusher:member_added') return [`+${data.id}`]
      return event === 'pusher:member_removed' ? [`-${data.id}`] : []
    })
  }

  /**
   * Who is there by all that it was told.
   *
   * @throws when it was told that somebody came who was there, or that somebody went who was not
   */
  get present(): string[] {
    const present = new Set(this.first)
    for (const coming of this.comings) {
      const id = coming.slice(1)
      if (present.has(id) === coming.startsWith('+')) throw new Error(`told twice: ${coming} of ${this.comings.join(' ')}`)
      if (!present.delete(id)) present.add(id)
    }
    return [...present].sort()
  }

  /** What event comes, or has come. */
  async hears(event: string): Promise<Data> {
    await until(`${this.channel.name}: ${event}`, () => this.all(event).length > 0)
    return this.all(event)[0]
  }

  /** From now on as if nothing had been heard. */
  forget(): void {
    this.first = this.present
    this.events.length = 0
  }

  leave(): void {
    this.client.disconnect()
  }
}
