/**
 * Which joins and leaves of a user are announced to clients. Each costs its sender a few hundred bytes and the server a frame for every
 * other client, and a client can leave and join thousands of times in a second. So repeats are deferred, and cancel out.
 *
 * Each user is in one of three states:
 * - settled: the lists of clients are up to date. A join is announced at once. So is a leave, which opens a window of one second.
 * - left, in the window: the next join is announced at once.
 * - rejoined, in the window: each further leave and join is deferred. At the end of the window, the user is settled if it is present.
 *   Otherwise its leave is announced, and opens the next window.
 *
 * So clients are sent one leave and one join per user and second, however often the user leaves and joins, and every user who is present
 * is on their lists; a user who has left can stay on them until the end of the window.
 */

/** How long repeats are deferred. */
export const windowMs = 1000

/** What clients are sent, in this order. It is both where a user has left and joined again with other data. */
export type Change<T> = { readonly removed: T | undefined; readonly added: T | undefined }

type Window<T> = {
  readonly endsAtMs: number
  /** The user as it was announced when it joined again. */
  rejoined: T | undefined
  /** Whether the user has left since, and joined with other data. */
  isOutdated: boolean
}

/** @template T what clients are sent about a user that joins */
export class Announcements<T> {
  /** The windows by key of the user, in the order in which they end. */
  private readonly windows = new Map<string, Window<T>>()

  /** @param isSame whether clients are sent the same about both */
  constructor(private readonly isSame: (a: T, b: T) => boolean) {}

  /** Whether no window is open: nothing is deferred, and time changes nothing. */
  get areSettled(): boolean {
    return this.windows.size === 0
  }

  /** A user that was not present has joined. Returns whether that is announced now. */
  joined(key: string, user: T): boolean {
    const window = this.windows.get(key)
    if (window === undefined) return true
    if (window.rejoined !== undefined) {
      window.isOutdated ||= !this.isSame(window.rejoined, user)
      return false
    }
    window.rejoined = user
    return true
  }

  /** A user that was present has left. Returns whether that is announced now. */
  left(key: string, nowMs: number): boolean {
    if (this.windows.has(key)) return false
    this.open(key, undefined, nowMs)
    return true
  }

  /** A user as it was announced when it joined again; undefined outside a window, and where it has not joined again. */
  announced(key: string): T | undefined {
    return this.windows.get(key)?.rejoined
  }

  /** Whether clients have outdated data of a user that is present. */
  isOutdated(key: string): boolean {
    return this.windows.get(key)?.isOutdated === true
  }

  /** The users who have joined again within their window, and may have left since. Clients have them on their lists. */
  *rejoined(): Generator<[key: string, user: T]> {
    for (const [key, { rejoined }] of this.windows) if (rejoined !== undefined) yield [key, rejoined]
  }

  /**
   * Ends the windows that are over; takes time in proportion to their number.
   *
   * @param find returns a user if it is present
   */
  *endWindows(find: (key: string) => T | undefined, nowMs: number): Generator<Change<T> & { readonly removed: T }> {
    for (const [key, { endsAtMs, rejoined, isOutdated }] of this.windows) {
      if (nowMs < endsAtMs) return
      this.windows.delete(key)
      if (rejoined === undefined) continue
      const user = find(key)
      if (user !== undefined && !isOutdated) continue
      this.open(key, user, nowMs)
      yield { removed: rejoined, added: user }
    }
  }

  private open(key: string, rejoined: T | undefined, nowMs: number): void {
    this.windows.set(key, { endsAtMs: nowMs + windowMs, rejoined, isOutdated: false })
  }
}
