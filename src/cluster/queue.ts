/** First in, first out, where taking the first does not move the others. */

/** So many places of items that were taken may stay empty before the others move up. */
const maxEmpty = 1000

export class Queue<Item> {
  private items: Item[] = []
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

  /** The first, which is taken out; undefined when there is none. */
  shift(): Item | undefined {
    const item = this.items[this.first]
    if (this.length > 0) this.first++
    if (this.first >= maxEmpty || this.first === this.items.length) {
      this.items.splice(0, this.first)
      this.first = 0
    }
    return item
  }

  /** Puts items before all others, in their order. */
  prepend(items: readonly Item[]): void {
    this.items = [...items, ...this.takeAll()]
  }

  /** All, which are then taken out. */
  takeAll(): Item[] {
    const all = this.items.slice(this.first)
    this.items = []
    this.first = 0
    return all
  }
}
