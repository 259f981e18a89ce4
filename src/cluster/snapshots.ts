/**
 * Snapshots of the whole state of a node, for a peer that requests one. With a million subscriptions a snapshot has 250 MB, so it is sent
 * in parts, and the peer requests each of them once it has applied the one before: neither node is busy with it for long, and no more
 * than a part for each peer is queued in Redis. Changes meanwhile are sent as always: an entry describes a state, so that it does no harm
 * to send it both as a change and in a part.
 */
import type { Entry } from '../core/entry.ts'
import type { CachedEvent, Replica, SnapshotPart } from '../core/replica.ts'

export type SnapshotOptions = {
  readonly replica: Pick<Replica, 'entries' | 'cachedEvents'>
  /** The size after which a part ends. Tests set a smaller one. */
  readonly partCharacters?: number | undefined
}

/** The size after which a part ends: to apply this many characters takes 2 to 5 ms. */
const partCharacters = 128 * 1024
/** The size of an entry beside its texts. */
const overhead = 100

type Progress = { part: number; readonly entries: Iterator<Entry>; kept: Iterator<CachedEvent> | undefined }

/** The snapshots of this node that are under way, by the peer that receives each. */
export class Snapshots {
  private readonly underWay = new Map<string, Progress>()

  constructor(private readonly options: SnapshotOptions) {}

  /** The part of that number, if it is the next one; the first part of a new snapshot otherwise. */
  part(to: string, number: number, nowMs: number): SnapshotPart {
    const known = this.underWay.get(to)
    const snapshot = known?.part === number ? known : { part: 0, entries: this.options.replica.entries(), kept: undefined }
    const part = this.next(snapshot, nowMs)
    if (part.hasMore) this.underWay.set(to, snapshot)
    else this.underWay.delete(to)
    return part
  }

  /** Ends the snapshot for a peer that is removed. */
  remove(to: string): void {
    this.underWay.delete(to)
  }

  private next(snapshot: Progress, nowMs: number): SnapshotPart {
    const part = snapshot.part++
    const room = { left: this.options.partCharacters ?? partCharacters }
    const entries = takeWhileRoom(snapshot.entries, room, sizeOf)
    if (room.left <= 0) return { part, hasMore: true, entries, kept: [] }
    snapshot.kept ??= this.options.replica.cachedEvents(nowMs).values()
    const kept = takeWhileRoom(snapshot.kept, room, ({ frame, topic }) => overhead + frame.length + topic.length)
    return { part, hasMore: room.left <= 0, entries, kept }
  }
}

/** Takes items until there is no room left, or no item. */
function takeWhileRoom<T>(items: Iterator<T>, room: { left: number }, sizeOf: (item: T) => number): T[] {
  const list: T[] = []
  while (room.left > 0) {
    const { value, done } = items.next()
    if (done === true) break
    list.push(value)
    room.left -= sizeOf(value)
  }
  return list
}

function sizeOf(entry: Entry): number {
  const channel = 'channel' in entry ? entry.channel.length : 0
  return overhead + channel + (entry.kind === 'member' ? entry.key.length + (entry.member?.infoJson?.length ?? 0) : 0)
}
