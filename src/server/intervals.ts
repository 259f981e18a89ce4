/** Periodic work. An unexpected error ends neither the server nor the interval. */

export class Intervals {
  private readonly timers: Timer[] = []

  constructor(private readonly unexpected: (error: unknown, what: string) => void) {}

  every(milliseconds: number, what: string, act: () => void): void {
    const guarded = () => {
      try {
        act()
      } catch (error) {
        this.unexpected(error, what)
      }
    }
    this.timers.push(setInterval(guarded, milliseconds))
  }

  end(): void {
    for (const timer of this.timers) clearInterval(timer)
  }
}
