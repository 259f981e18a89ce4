/** A list, first in, first out, in which taking the first item does not move the others. */

/** How many slots of items that were taken stay empty before the others move up. */
const maxEmpty = 1000

export class Queue<Item> {
  private items: (Item | undefined)[] = []
  private first = 0

  get length(): number {
    return this.items.length - this.first
  }

  get head(): Item | undefined {
    return this.items[this.first]
  }

  get last(): Item | undefined {
    return this.length === 0 ? undefined : this.items.at(-1)
  }

  push(item: Item): void {
    this.items.push(item)
  }

  /** Takes the first item out, which the queue does not keep in memory any longer. Undefined where there is none. */
  shift(): Item | undefined {
    const item = this.items[this.first]
    if (this.length > 0) this.items[this.first++] = undefined
    if (this.first >= maxEmpty || this.first === this.items.length) {
      this.items.splice(0, this.first)
      this.first = 0
    }
    return item
  }

  /** Puts items before all others, in the order in which they are given. */
  prepend(items: readonly Item[]): void {
    this.items = [...items, ...this.takeAll()]
  }

  /** Takes all items out. */
  takeAll(): Item[] {
    const all = this.items.slice(this.first) as Item[]
    this.items = []
    this.first = 0
    return all
  }
}
