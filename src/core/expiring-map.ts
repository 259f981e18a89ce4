/** Values that are kept for a while: bounded in number and bytes, the oldest go first. */

export type Bounds = { readonly ttlMs: number; readonly maxEntries: number; readonly maxBytes: number }

type Entry<V> = { readonly value: V; readonly bytes: number; readonly expiresAtMs: number }

export class ExpiringMap<V> {
  /** In the order of their setting. */
  private readonly entries = new Map<string, Entry<V>>()
  private heldBytes = 0

  constructor(private bounds: Bounds) {}

  get size(): number {
    return this.entries.size
  }

  /** Of all values that are there. */
  get bytes(): number {
    return this.heldBytes
  }

  get(key: string, nowMs: number): V | undefined {
    const entry = this.entries.get(key)
    return entry !== undefined && nowMs < entry.expiresAtMs ? entry.value : undefined
  }

  /** What is there, and for how long. */
  *list(nowMs: number): Generator<[key: string, value: V, leftMs: number]> {
    for (const [key, { value, expiresAtMs }] of this.entries) if (nowMs < expiresAtMs) yield [key, value, expiresAtMs - nowMs]
  }

  /**
   * A value that is too large for the bounds is not kept; the one before it is forgotten all the same.
   *
   * @returns how many values were dropped before their time: this one where it is too large, or older ones
   */
  set(key: string, value: V, bytes: number, nowMs: number, ttlMs = this.bounds.ttlMs): number {
    this.delete(key)
    const { maxEntries, maxBytes } = this.bounds
    // Whoever sets one of them to 0 wants nothing kept.
    if (maxEntries === 0 || maxBytes === 0) return 0
    if (bytes > maxBytes) return 1
    this.entries.set(key, { value, bytes, expiresAtMs: nowMs + ttlMs })
    this.heldBytes += bytes
    return this.trim(nowMs)
  }

  /** Other bounds from now on; what is there already keeps its time. */
  rebound(bounds: Bounds, nowMs: number): void {
    this.bounds = bounds
    this.trim(nowMs)
  }

  /** Lets go of what has expired, up to the oldest that has not; costs what it finds. */
  expire(nowMs: number): void {
    for (const [key, entry] of this.entries) {
      if (nowMs < entry.expiresAtMs) return
      this.delete(key)
    }
  }

  /** Of values of which there is one at least. Returns how many were dropped before their time: 0 where the oldest has expired. */
  dropOldest(nowMs: number): number {
    const [oldest, { expiresAtMs }] = this.entries.entries().next().value!
    this.delete(oldest)
    return nowMs < expiresAtMs ? 1 : 0
  }

  private trim(nowMs: number): number {
    let dropped = 0
    while (this.entries.size > this.bounds.maxEntries || this.heldBytes > this.bounds.maxBytes) dropped += this.dropOldest(nowMs)
    return dropped
  }

  private delete(key: string): void {
    this.heldBytes -= this.entries.get(key)?.bytes ?? 0
    this.entries.delete(key)
  }
}
