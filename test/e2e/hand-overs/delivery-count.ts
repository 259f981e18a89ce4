/** Counts the events that subscribers receive and miss. Each publisher numbers its events. */
export class DeliveryCount {
  received = 0
  missed = 0

  newSession(): Session {
    return new Session(this)
  }
}

/** The events that one client receives from one publisher, from each subscription to its end. */
class Session {
  private numbers = new Set<number>()

  constructor(private readonly count: DeliveryCount) {}

  /** Ends the subscription before: each number between its first and its last one that was not received counts as missed. */
  begin(): void {
    if (this.numbers.size > 0) this.count.missed += highest(this.numbers) - lowest(this.numbers) + 1 - this.numbers.size
    this.numbers = new Set()
  }

  receive(number: number): void {
    this.count.received++
    this.numbers.add(number)
  }
}

function highest(numbers: Iterable<number>): number {
  let found = Number.NEGATIVE_INFINITY
  for (const number of numbers) found = Math.max(found, number)
  return found
}

function lowest(numbers: Iterable<number>): number {
  return -highest([...numbers].map(number => -number))
}
