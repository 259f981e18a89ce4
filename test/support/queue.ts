/** A queue of items that arrive at any time; a test takes them in order, and waits for the next one without sleeping. */
import { timeoutSeconds } from './until.ts'

export class Queue<T> {
  private readonly items: T[] = []
  private readonly waiting: { resolve: (item: T) => void; reject: (error: Error) => void }[] = []
  private ended: Error | undefined

  add(item: T): void {
    const waiter = this.waiting.shift()
    if (waiter === undefined) this.items.push(item)
    else waiter.resolve(item)
  }

  /** Ends the queue: every call of `next` that finds no item rejects with the reason. */
  end(reason: string): void {
    this.ended ??= new Error(reason)
    for (const waiter of this.waiting.splice(0)) waiter.reject(this.ended)
  }

  /** The next item. @throws when none arrives within `withinMs`: a deadline for failures, not a way to wait */
  next(withinMs = timeoutSeconds * 1000): Promise<T> {
    if (this.items.length > 0) return Promise.resolve(this.items.shift()!)
    if (this.ended !== undefined) return Promise.reject(this.ended)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`nothing has arrived within ${withinMs} ms`)), withinMs)
      this.waiting.push({
        resolve: item => {
          clearTimeout(timer)
          resolve(item)
        },
        reject: error => {
          clearTimeout(timer)
          reject(error)
        },
      })
    })
  }

  /** Takes all items that have arrived. */
  rest(): T[] {
    return this.items.splice(0)
  }
}
