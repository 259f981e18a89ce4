/** Runs work periodically. An unexpected error in it ends neither the server nor the interval. */

export class Intervals {
  private readonly timers: Timer[] = []
  private hasEnded = false

  constructor(private readonly unexpected: (error: unknown, what: string) => void) {}

  every(milliseconds: number, what: string, act: () => void): void {
    this.timers.push(setInterval(() => this.guard(what, act), milliseconds))
  }

  /**
   * Runs long work in turns, between which the event loop serves everything else.
   *
   * @param milliseconds how often a round begins, if the one before is over
   * @param turn does one turn of a round; returns true when the round is over
   */
  turns(milliseconds: number, what: string, turn: () => boolean): void {
    let isInRound = false
    const next = () => {
      isInRound = !this.hasEnded && this.guard(what, turn) === false
      if (isInRound) setImmediate(next)
    }
    const begin = () => {
      if (!isInRound) next()
    }
    this.timers.push(setInterval(begin, milliseconds))
  }

  end(): void {
    this.hasEnded = true
    for (const timer of this.timers) clearInterval(timer)
  }

  /** Returns undefined where the work has failed. */
  private guard<T>(what: string, act: () => T): T | undefined {
    try {
      return act()
    } catch (error) {
      this.unexpected(error, what)
      return undefined
    }
  }
}
