/** The channels that one socket is on, by name, in the order in which it came to them. */
import type { Channel } from './channel.ts'

/** Up to so many are looked for one by one. */
const few = 8

/** Most sockets are on a few channels, and a map for them would take a fifth of what an idle socket does. */
export class Subscriptions {
  private channels: Channel[] | Map<string, Channel> = []

  get size(): number {
    return Array.isArray(this.channels) ? this.channels.length : this.channels.size
  }

  get(name: string): Channel | undefined {
    return Array.isArray(this.channels) ? this.channels.find(channel => channel.name === name) : this.channels.get(name)
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  /** One that is there already keeps its place. */
  add(channel: Channel): void {
    if (this.has(channel.name)) return
    if (Array.isArray(this.channels) && this.channels.length === few) {
      this.channels = new Map(this.channels.map(channel => [channel.name, channel]))
    }
    if (Array.isArray(this.channels)) this.channels.push(channel)
    else this.channels.set(channel.name, channel)
  }

  delete(name: string): void {
    if (Array.isArray(this.channels)) this.channels = this.channels.filter(channel => channel.name !== name)
    else this.channels.delete(name)
  }

  clear(): void {
    this.channels = []
  }

  values(): Iterable<Channel> {
    return this.channels.values()
  }
}
