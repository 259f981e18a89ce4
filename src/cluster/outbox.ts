/**
 * Events on their way to the other nodes: those that are not said yet, and those that were said and have not come back.
 * What has not come back may be lost, and is said again when texts get through again.
 */
import type { EventBody } from './envelope.ts'

export type Item = { readonly number: number; readonly text: string; readonly event: EventBody }

/** So many that are gone may stand before the others, so that these need not move up for each. */
const maxGone = 1000

export class Outbox {
  /** Of those that went because they were too many, without having been said. */
  dropped = 0
  /** The oldest first; what is before `first` is gone. */
  private items: Item[] = []
  private first = 0
  /** Where those begin that are not said yet. */
  private unsaid = 0
  private characters = 0

  constructor(private readonly maxCharacters: number) {}

  /** The number of the oldest. */
  get oldest(): number | undefined {
    return this.items[this.first]?.number
  }

  add(number: number, text: string, event: EventBody): void {
    this.items.push({ number, text, event })
    this.characters += text.length
    while (this.characters > this.maxCharacters && this.first < this.items.length) {
      if (this.first === this.unsaid) this.dropped++
      this.shift()
    }
  }

  /** Hands out what is not said yet, in the order in which it came. */
  say(send: (text: string) => void): void {
    while (this.unsaid < this.items.length) send(this.items[this.unsaid++]!.text)
  }

  /** Nothing that has not come back is known to have been heard. */
  rewind(): void {
    this.unsaid = this.first
  }

  /** The one that is to come back next, if that is its text. */
  confirm(text: string): Item | undefined {
    return this.first < this.unsaid && this.items[this.first]!.text === text ? this.shift() : undefined
  }

  /** The one with that number has come back: what was said before it does not come any more. */
  confirmUpTo(number: number): Item | undefined {
    let last: Item | undefined
    while (this.first < this.unsaid && this.items[this.first]!.number <= number) last = this.shift()
    return last?.number === number ? last : undefined
  }

  private shift(): Item {
    const item = this.items[this.first]!
    this.characters -= item.text.length
    this.first++
    this.unsaid = Math.max(this.unsaid, this.first)
    if (this.first >= maxGone || this.first === this.items.length) this.forget()
    return item
  }

  private forget(): void {
    this.items.splice(0, this.first)
    this.unsaid -= this.first
    this.first = 0
  }
}
