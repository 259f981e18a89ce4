/** Values that are kept for a while: bounded in number and bytes, the oldest go first. */

export type Bounds = { readonly ttlMs: number; readonly maxEntries: number; readonly maxBytes: number }

type Entry<V> = { readonly value: V; readonly bytes: number; readonly expiresAtMs: number }

export class ExpiringMap<V> {
  /** In the order of their setting. */
  private readonly entries = new Map<string, Entry<V>>()
  private bytes = 0

  constructor(private bounds: Bounds) {}

  get size(): number {
    return this.entries.size
  }

  get(key: string, nowMs: number): V | undefined {
    const entry = this.entries.get(key)
    return entry !== undefined && nowMs < entry.expiresAtMs ? entry.value : undefined
  }

  /** What is there, and for how long. */
  *list(nowMs: number): Generator<[key: string, value: V, leftMs: number]> {
    for (const [key, { value, expiresAtMs }] of this.entries) if (nowMs < expiresAtMs) yield [key, value, expiresAtMs - nowMs]
  }

  /** A value that is too large for the bounds is not kept; the one before it is forgotten all the same. */
  set(key: string, value: V, bytes: number, nowMs: number, ttlMs = this.bounds.ttlMs): void {
    this.delete(key)
    if (bytes > this.bounds.maxBytes) return
    this.entries.set(key, { value, bytes, expiresAtMs: nowMs + ttlMs })
    this.bytes += bytes
    this.trim()
  }

  /** Other bounds from now on; what is there already keeps its time. */
  rebound(bounds: Bounds): void {
    this.bounds = bounds
    this.trim()
  }

  /** Lets go of what has expired, up to the oldest that has not; costs what it finds. */
  expire(nowMs: number): void {
    for (const [key, entry] of this.entries) {
      if (nowMs < entry.expiresAtMs) return
      this.delete(key)
    }
  }

  private trim(): void {
    const { maxEntries, maxBytes } = this.bounds
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= maxEntries && this.bytes <= maxBytes) return
      this.delete(oldest)
    }
  }

  private delete(key: string): void {
    this.bytes -= this.entries.get(key)?.bytes ?? 0
    this.entries.delete(key)
  }
}
