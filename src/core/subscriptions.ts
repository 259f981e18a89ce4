/** The channels of one socket by name, in the order of subscribing. */
import type { Channel } from './channel.ts'

/** Up to so many channels are kept in a list, and searched one by one. */
const maxListed = 8

/** Most sockets have few channels, and a map for them would take a fifth of the memory of an idle socket. */
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

  /** A channel that was added before keeps its place. */
  add(channel: Channel): void {
    if (this.has(channel.name)) return
    if (Array.isArray(this.channels) && this.channels.length === maxListed) {
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
