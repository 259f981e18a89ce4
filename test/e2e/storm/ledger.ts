/** Counts what subscribers receive, and what they should have received in between. Events of one publisher are numbered. */
export class Ledger {
  received = 0
  missed = 0

  newSession(): Session {
    return new Session(this)
  }
}

/** What one client hears of one publisher, from each subscription to its end. */
class Session {
  private heard = new Set<number>()

  constructor(private readonly ledger: Ledger) {}

  /** Settles the subscription before: of what lies between its first and its last number, nothing may be missing. */
  begin(): void {
    if (this.heard.size > 0) this.ledger.missed += highest(this.heard) - lowest(this.heard) + 1 - this.heard.size
    this.heard = new Set()
  }

  receive(number: number): void {
    this.ledger.received++
    this.heard.add(number)
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
