/**
 * Values that expire, of several apps: each app has bounds of its own, and all apps together have one in bytes. Beyond it, the oldest
 * values of the app that takes most are dropped, so that an app that fills its memory displaces no values of others.
 */
import { type Bounds, ExpiringMap } from './expiring-map.ts'

export class ExpiringMaps<V> {
  private readonly maps = new Map<string, ExpiringMap<V>>()
  /** How many values were dropped before they expired, by app, since `takeDropped` was called. */
  private readonly dropped = new Map<string, number>()
  private heldBytes = 0

  /**
   * @param maxBytes the bound of all apps together
   * @param entryBytes the memory of a value beside its bytes
   */
  constructor(
    private maxBytes: number,
    private readonly entryBytes: number,
  ) {}

  /** The bytes of all apps together. */
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

  /** How long a value has left; undefined where there is none. */
  leftMs(appId: string, key: string, nowMs: number): number | undefined {
    return this.maps.get(appId)?.leftMs(key, nowMs)
  }

  /** @param bounds those of the app; they stay as long as it has values */
  set(appId: string, bounds: Bounds, key: string, value: V, bytes: number, nowMs: number, ttlMs?: number): void {
    const map = this.maps.get(appId) ?? new ExpiringMap<V>(bounds)
    this.maps.set(appId, map)
    this.countDropped(
      appId,
      this.measured(map, () => map.set(key, value, bytes, nowMs, ttlMs)),
    )
    while (this.heldBytes > this.maxBytes) this.dropOldestOfLargest(nowMs)
  }

  /** All values that have not expired, with the time that each has left. */
  *list(nowMs: number): Generator<[appId: string, key: string, value: V, leftMs: number]> {
    for (const [appId, map] of this.maps) for (const [key, value, leftMs] of map.list(nowMs)) yield [appId, key, value, leftMs]
  }

  /** Changes the bounds, and removes the values of apps for which `boundsOf` returns none. */
  resize(maxBytes: number, boundsOf: (appId: string) => Bounds | undefined, nowMs: number): void {
    this.maxBytes = maxBytes
    for (const [appId, map] of this.maps) {
      const bounds = boundsOf(appId)
      if (bounds === undefined) this.remove(appId, map)
      else this.measured(map, () => map.resize(bounds, nowMs))
    }
    while (this.heldBytes > this.maxBytes) this.dropOldestOfLargest(nowMs)
  }

  /** Removes expired values. */
  expire(nowMs: number): void {
    for (const [appId, map] of this.maps) {
      this.measured(map, () => map.expire(nowMs))
      if (map.size === 0) this.remove(appId, map)
    }
  }

  /** Returns how many values of each app were dropped before they expired, since the last call. */
  takeDropped(): ReadonlyMap<string, number> {
    const dropped = new Map(this.dropped)
    this.dropped.clear()
    return dropped
  }

  private dropOldestOfLargest(nowMs: number): void {
    const [appId, map] = [...this.maps].reduce((most, next) => (this.sizeOf(next[1]) > this.sizeOf(most[1]) ? next : most))
    this.countDropped(
      appId,
      this.measured(map, () => map.dropOldest(nowMs)),
    )
  }

  private sizeOf(map: ExpiringMap<V>): number {
    return map.bytes + map.size * this.entryBytes
  }

  /** Changes the values of an app, and updates the bytes of all apps. */
  private measured<R>(map: ExpiringMap<V>, act: () => R): R {
    const before = this.sizeOf(map)
    const result = act()
    this.heldBytes += this.sizeOf(map) - before
    return result
  }

  private remove(appId: string, map: ExpiringMap<V>): void {
    this.heldBytes -= this.sizeOf(map)
    this.maps.delete(appId)
  }

  private countDropped(appId: string, dropped: number): void {
    if (dropped > 0) this.dropped.set(appId, (this.dropped.get(appId) ?? 0) + dropped)
  }
}
