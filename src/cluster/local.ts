/** A backplane in memory: for nodes that live together. */
import type { Backplane, Listener } from './backplane.ts'

export class LocalBus {
  private readonly listeners = new Set<Listener>()
  private isDown = false
  /** Resolves when everything that was said has been heard. */
  private heard: Promise<void> = Promise.resolve()

  /** @param defer runs a function soon: by then whoever joins has what is returned, however it waits for it */
  constructor(private readonly defer: (act: () => void) => void) {}

  join(listener: Listener): Backplane {
    this.defer(() => {
      this.listeners.add(listener)
      if (!this.isDown) listener.onUp()
    })
    return {
      send: text => {
        if (!this.isDown && this.listeners.has(listener)) this.heard = this.heard.then(() => this.deliver(text))
      },
      close: async () => {
        await this.heard
        this.listeners.delete(listener)
      },
    }
  }

  /** Nothing gets through, and what was on its way is lost. */
  fall(reason: string): void {
    this.isDown = true
    for (const { onDown } of this.listeners) onDown(reason)
  }

  rise(): void {
    this.isDown = false
    for (const { onUp } of this.listeners) onUp()
  }

  private deliver(text: string): void {
    if (this.isDown) return
    for (const { onText } of this.listeners) onText(text)
  }
}
