/** A backplane in memory: for nodes that live together. */
import type { Backplane, Listener } from './backplane.ts'

export class LocalBus {
  private readonly listeners = new Set<Listener>()

  join(listener: Listener): Backplane {
    const bus = this.listeners
    bus.add(listener)
    listener.onUp()
    return {
      send: text => {
        for (const { onText } of bus) onText(text)
      },
      async close() {
        bus.delete(listener)
      },
    }
  }
}
