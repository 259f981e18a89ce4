/** Many WebSocket clients. */
import { type Address, Client } from './client.ts'
import { TimedOut, withTimeout } from './deliveries.ts'
import type { OnFrame } from './frames.ts'

/** How many clients connect concurrently: enough to keep a server busy, and less than any listen backlog. */
const concurrency = 128
const timeoutSeconds = 30

export type ClientPoolOptions = {
  readonly size: number
  /** The addresses of the servers, or of one server; the clients are spread over them evenly. */
  readonly at: readonly Address[]
  readonly channels: (index: number) => readonly string[]
  readonly member?: (index: number) => string
  readonly onFrame?: (index: number) => OnFrame
}

export class ClientPool implements Disposable {
  private constructor(readonly clients: Client[]) {}

  /** Resolves when all clients are subscribed. @throws TimedOut */
  static async subscribed({ size, at, channels, member, onFrame }: ClientPoolOptions): Promise<ClientPool> {
    const pool = new ClientPool([])
    let next = 0
    const connect = async () => {
      while (next < size) {
        const index = next++
        const options = { at: at[index % at.length]!, channels: channels(index), ...(member && { member: member(index) }) }
        pool.clients.push(await Client.subscribed(options, onFrame?.(index)))
      }
    }
    try {
      const all = Promise.all(Array.from({ length: Math.min(concurrency, size) }, connect))
      await withTimeout(timeoutSeconds, `${size} clients are subscribed`, all, TimedOut)
    } catch (error) {
      next = size
      pool[Symbol.dispose]()
      throw error
    }
    return pool
  }

  /** Every measurement counts anew, so every client gets a new callback. */
  listen(receiver: () => OnFrame): void {
    for (const client of this.clients) client.onFrame = receiver()
  }

  [Symbol.dispose](): void {
    for (const client of this.clients) client.reset()
  }
}
