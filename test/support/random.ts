/** Repeatable random numbers: the same seed gives the same choices. */
export class Random {
  constructor(private state: number) {}

  /** From 0 up to, not including, 1. (Mulberry32.) */
  next(): number {
    this.state = (this.state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  /** Between none and `max` of what is made. */
  several<T>(max: number, make: () => T): T[] {
    return Array.from({ length: this.below(max + 1) }, make)
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)))
  }

  /** A generator that is independent of later calls of this one. */
  fork(): Random {
    return new Random(this.below(2 ** 32))
  }
}
