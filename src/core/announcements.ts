/**
 * Which joins and leaves of a user are announced to clients. Each costs its sender a few hundred bytes and the server a frame for every
 * other client, and a client can leave and join thousands of times in a second. So repeats are held, and cancel out.
 *
 * Each user is in one of three states:
 * - settled: the lists of clients are up to date. A join is announced at once. So is a leave, and opens a window of one second.
 * - left, in the window: its next join is announced at once.
 * - rejoined, in the window: each further leave and join is held. At the end of the window, the user is settled if it is here.
 *   Otherwise its leave is announced, and opens the next window.
 *
 * So clients are sent one leave and one join per user and second, however often it leaves and joins, and every user who is here is on
 * their lists; a user who has left can stay on them until the end of the window.
 */

/** How long repeats are held. */
export const windowMs = 1000

/** What clients are to be sent, in this order. Both, where a user has left and joined again with other data. */
export type Change<T> = { readonly removed: T | undefined; readonly added: T | undefined }

type Window<T> = {
  readonly endsAtMs: number
  /** The user as clients have been sent it when it joined again. */
  rejoined: T | undefined
  /** Whether it has left since, and joined with other data. */
  isOutdated: boolean
}

/** @template T what clients are sent of a user that joins */
export class Announcements<T> {
  /** By the key of the user, in the order in which they end. */
  private readonly windows = new Map<string, Window<T>>()

  /** @param isSame whether clients are sent the same of both */
  constructor(private readonly isSame: (a: T, b: T) => boolean) {}

  /** Whether no window is open: nothing is held, and time changes nothing. */
  get areSettled(): boolean {
    return this.windows.size === 0
  }

  /** A user that was not here has joined. Whether that is announced now. */
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

  /** A user that was here has left. Whether that is announced now. */
  left(key: string, nowMs: number): boolean {
    if (this.windows.has(key)) return false
    this.open(key, undefined, nowMs)
    return true
  }

  /** A user as clients have been sent it when it joined again; undefined outside a window, and in one where it has left alone. */
  shown(key: string): T | undefined {
    return this.windows.get(key)?.rejoined
  }

  /** Whether clients have outdated data of a user that is here. */
  isOutdated(key: string): boolean {
    return this.windows.get(key)?.isOutdated === true
  }

  /** The users who have joined again within their window, and may have left since: clients have them on their lists. */
  *rejoined(): Generator<[key: string, user: T]> {
    for (const [key, { rejoined }] of this.windows) if (rejoined !== undefined) yield [key, rejoined]
  }

  /**
   * Ends the windows that are over; takes time in proportion to their number.
   *
   * @param find a user, if it is here
   */
  *settle(find: (key: string) => T | undefined, nowMs: number): Generator<Change<T> & { readonly removed: T }> {
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
