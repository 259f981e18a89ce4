/** Values that expire, bounded in number and bytes: beyond the bounds, the oldest are dropped. */

export type Bounds = { readonly ttlMs: number; readonly maxEntries: number; readonly maxBytes: number }

type Entry<V> = { readonly value: V; readonly bytes: number; readonly expiresAtMs: number }

export class ExpiringMap<V> {
  /** The entries, the oldest first. */
  private readonly entries = new Map<string, Entry<V>>()
  private heldBytes = 0

  constructor(private bounds: Bounds) {}

  get size(): number {
    return this.entries.size
  }

  /** The bytes of all values. */
  get bytes(): number {
    return this.heldBytes
  }

  get(key: string, nowMs: number): V | undefined {
    const entry = this.entries.get(key)
    return entry !== undefined && nowMs < entry.expiresAtMs ? entry.value : undefined
  }

  /** How long a value has left; undefined where there is none. */
  leftMs(key: string, nowMs: number): number | undefined {
    const leftMs = (this.entries.get(key)?.expiresAtMs ?? nowMs) - nowMs
    return leftMs > 0 ? leftMs : undefined
  }

  /** All values that have not expired, with the time that each has left. */
  *list(nowMs: number): Generator<[key: string, value: V, leftMs: number]> {
    for (const [key, { value, expiresAtMs }] of this.entries) if (nowMs < expiresAtMs) yield [key, value, expiresAtMs - nowMs]
  }

  /**
   * Sets a value. One that is too large for the bounds is not kept, and the value before it is removed all the same.
   *
   * @returns how many values were dropped before they expired: this one where it is too large, or older ones
   */
  set(key: string, value: V, bytes: number, nowMs: number, ttlMs = this.bounds.ttlMs): number {
    this.delete(key)
    const { maxEntries, maxBytes } = this.bounds
    // A bound of 0 turns the cache off.
    if (maxEntries === 0 || maxBytes === 0) return 0
    if (bytes > maxBytes) return 1
    this.entries.set(key, { value, bytes, expiresAtMs: nowMs + ttlMs })
    this.heldBytes += bytes
    return this.trim(nowMs)
  }

  /** Changes the bounds. Values that are kept already expire when they would have. */
  resize(bounds: Bounds, nowMs: number): void {
    this.bounds = bounds
    this.trim(nowMs)
  }

  /** Removes expired values, up to the oldest that has not expired; takes time in proportion to what it removes. */
  expire(nowMs: number): void {
    for (const [key, entry] of this.entries) {
      if (nowMs < entry.expiresAtMs) return
      this.delete(key)
    }
  }

  /** Drops the oldest value, of which there must be one. Returns 0 where it had expired, and 1 where it was dropped before its time. */
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
