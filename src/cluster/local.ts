/** A backplane in memory: for nodes that live together. */
import type { Backplane, Listener } from './backplane.ts'

export class LocalBus {
  private readonly listeners = new Set<Listener>()

  join(listener: Listener): Backplane {
    this.listeners.add(listener)
    listener.onState(true)
    return {
      send: text => {
        for (const { onText } of this.listeners) onText(text)
      },
      close: () => void this.listeners.delete(listener),
    }
  }
}
