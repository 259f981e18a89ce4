/**
 * Values of several apps that are kept for a while: each app has bounds of its own, and all apps together have one in bytes. Beyond that
 * the oldest values of the app that takes most go first, so that an app that fills its memory takes none of what others have kept.
 */
import { type Bounds, ExpiringMap } from './expiring-map.ts'

export class ExpiringMaps<V> {
  private readonly maps = new Map<string, ExpiringMap<V>>()
  /** What was dropped before its time, by app, and has not been taken note of yet. */
  private readonly dropped = new Map<string, number>()
  private heldBytes = 0

  /**
   * @param maxBytes of all apps together
   * @param entryBytes what a value takes beside its bytes
   */
  constructor(
    private maxBytes: number,
    private readonly entryBytes: number,
  ) {}

  /** Of all apps together. */
  get bytes(): number {
    return this.heldBytes
  }

  get size(): number {
    let size = 0
    for (const map of this.maps.values()) size += map.size
    return size
  }

  get(appId: string, key: string, nowMs: number): V | undefined {
    return this.maps.get(appId)?.get(key, nowMs)
  }

  /** @param bounds of the app, for as long as it has values */
  set(appId: string, bounds: Bounds, key: string, value: V, bytes: number, nowMs: number, ttlMs?: number): void {
    const map = this.maps.get(appId) ?? new ExpiringMap<V>(bounds)
    this.maps.set(appId, map)
    this.note(
      appId,
      this.weighed(map, () => map.set(key, value, bytes, nowMs, ttlMs)),
    )
    while (this.heldBytes > this.maxBytes) this.dropOldestOfLargest(nowMs)
  }

  /** All that is there, and for how long. */
  *list(nowMs: number): Generator<[appId: string, key: string, value: V, leftMs: number]> {
    for (const [appId, map] of this.maps) for (const [key, value, leftMs] of map.list(nowMs)) yield [appId, key, value, leftMs]
  }

  /** Other bounds from now on, of each app that is left. Nothing is kept of the others. */
  rebound(maxBytes: number, boundsOf: (appId: string) => Bounds | undefined, nowMs: number): void {
    this.maxBytes = maxBytes
    for (const [appId, map] of this.maps) {
      const bounds = boundsOf(appId)
      if (bounds === undefined) this.forget(appId, map)
      else this.weighed(map, () => map.rebound(bounds, nowMs))
    }
    while (this.heldBytes > this.maxBytes) this.dropOldestOfLargest(nowMs)
  }

  /** Lets go of what has expired. */
  expire(nowMs: number): void {
    for (const [appId, map] of this.maps) {
      this.weighed(map, () => map.expire(nowMs))
      if (map.size === 0) this.forget(appId, map)
    }
  }

  /** How many values of each app were dropped before their time since the last call. */
  takeDropped(): ReadonlyMap<string, number> {
    const dropped = new Map(this.dropped)
    this.dropped.clear()
    return dropped
  }

  private dropOldestOfLargest(nowMs: number): void {
    const [appId, map] = [...this.maps].reduce((most, next) => (this.weigh(next[1]) > this.weigh(most[1]) ? next : most))
    this.note(
      appId,
      this.weighed(map, () => map.dropOldest(nowMs)),
    )
  }

  private weigh(map: ExpiringMap<V>): number {
    return map.bytes + map.size * this.entryBytes
  }

  /** Does something with the values of an app, and counts what they take. */
  private weighed<R>(map: ExpiringMap<V>, act: () => R): R {
    const before = this.weigh(map)
    const result = act()
    this.heldBytes += this.weigh(map) - before
    return result
  }

  private forget(appId: string, map: ExpiringMap<V>): void {
    this.heldBytes -= this.weigh(map)
    this.maps.delete(appId)
  }

  private note(appId: string, dropped: number): void {
    if (dropped > 0) this.dropped.set(appId, (this.dropped.get(appId) ?? 0) + dropped)
  }
}
