/** Many clients. */
import { TooSlow, within } from './arrival.ts'
import { type Address, Client } from './client.ts'
import type { Visit } from './frames.ts'

/** How many connect at once: enough to keep a server busy, and less than any backlog. */
const atOnce = 128
const patienceSeconds = 30

export type CrowdOptions = {
  readonly size: number
  /** The servers, or the server by several addresses; clients are spread evenly. */
  readonly at: readonly Address[]
  readonly channels: (index: number) => readonly string[]
  readonly member?: (index: number) => string
  readonly ear?: (index: number) => Visit
}

export class Crowd implements Disposable {
  private constructor(readonly clients: Client[]) {}

  /** Resolves when all are subscribed. @throws TooSlow */
  static async subscribed({ size, at, channels, member, ear }: CrowdOptions): Promise<Crowd> {
    const crowd = new Crowd([])
    let next = 0
    const connect = async () => {
      while (next < size) {
        const index = next++
        const options = { at: at[index % at.length]!, channels: channels(index), ...(member && { member: member(index) }) }
        crowd.clients.push(await Client.subscribed(options, ear?.(index)))
      }
    }
    try {
      const all = Promise.all(Array.from({ length: Math.min(atOnce, size) }, connect))
      await within(patienceSeconds, `${size} clients are subscribed`, all, TooSlow)
    } catch (error) {
      next = size
      crowd[Symbol.dispose]()
      throw error
    }
    return crowd
  }

  /** Of a new measurement: everybody gets a new ear. */
  listen(ear: () => Visit): void {
    for (const client of this.clients) client.ear = ear()
  }

  [Symbol.dispose](): void {
    for (const client of this.clients) client.cut()
  }
}
