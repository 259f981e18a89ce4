/** A backplane in memory, for nodes in one process. */
import type { Backplane, BackplaneListener } from '../../src/cluster/backplane.ts'

export class MemoryBackplane {
  private readonly listeners = new Set<BackplaneListener>()
  private isDisconnected = false
  /** Resolves when every message that was sent has been delivered. */
  private delivered: Promise<void> = Promise.resolve()

  /** @param defer runs a function soon: by then the caller of `connect` has the backplane, however it waits for it */
  constructor(private readonly defer: (act: () => void) => void) {}

  connect(listener: BackplaneListener): Backplane {
    this.defer(() => {
      this.listeners.add(listener)
      if (!this.isDisconnected) listener.onConnected()
    })
    return {
      send: message => {
        if (!this.isDisconnected && this.listeners.has(listener))
          this.delivered = this.delivered.then(() => this.deliver(message))
      },
      close: async () => {
        this.listeners.delete(listener)
        await this.delivered
      },
    }
  }

  /** Disconnects every node. Messages that are not delivered yet are lost. */
  disconnect(reason: string): void {
    this.isDisconnected = true
    for (const { onDisconnected } of this.listeners) onDisconnected(reason)
  }

  reconnect(): void {
    this.isDisconnected = false
    for (const { onConnected } of this.listeners) onConnected()
  }

  private deliver(message: string): void {
    if (this.isDisconnected) return
    for (const { onMessage } of this.listeners) onMessage(message)
  }
}
