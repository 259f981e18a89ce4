/** Things that arrive, and whoever waits for them: nothing is missed, nobody sleeps. */
import { patienceSeconds } from './until.ts'

export class Queue<T> {
  private readonly items: T[] = []
  private readonly waiting: { resolve: (item: T) => void; reject: (error: Error) => void }[] = []
  private ended: Error | undefined

  add(item: T): void {
    const waiter = this.waiting.shift()
    if (waiter === undefined) this.items.push(item)
    else waiter.resolve(item)
  }

  /** Nothing more will come; those who wait for it are told why. */
  end(reason: string): void {
    this.ended ??= new Error(reason)
    for (const waiter of this.waiting.splice(0)) waiter.reject(this.ended)
  }

  /** @throws when nothing has come within `withinMs`, which is a failure and no way to wait */
  next(withinMs = patienceSeconds * 1000): Promise<T> {
    if (this.items.length > 0) return Promise.resolve(this.items.shift()!)
    if (this.ended !== undefined) return Promise.reject(this.ended)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`nothing has come within ${withinMs} ms`)), withinMs)
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

  /** What has come and was not taken. */
  rest(): T[] {
    return this.items.splice(0)
  }
}
