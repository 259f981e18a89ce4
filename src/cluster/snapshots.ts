/**
 * Everything that a node has, for another node that asks for it. With a million subscriptions that are 250 MB, so it is sent in parts,
 * and the other node asks for each of them once it has taken in the one before: neither is busy with it for long, and no more than a part
 * for each asking node waits in Redis. What changes meanwhile is sent as always: entries describe a state, so that it does no harm to
 * send one in both ways.
 */
import type { Effect } from '../core/effect.ts'
import type { Entry } from '../core/entry.ts'
import { applyCachedEvent, applyEntries, type CachedEvent, cachedEvents, localEntries } from '../core/replica.ts'
import { beginResync, endResync } from '../core/resyncs.ts'
import type { State } from '../core/state.ts'
import type { ControlBody } from './envelope.ts'
import type { Peer } from './peers.ts'

type Snapshot = Extract<ControlBody, { type: 'snapshot' }>
type Part = Pick<Snapshot, 'part' | 'hasMore' | 'entries' | 'kept'>

export type SnapshotOptions = {
  readonly state: State
  /** After which a part ends; for tests with small parts. */
  readonly partCharacters?: number | undefined
}

/** After so many characters a part ends: to take it in takes 2 to 5 ms. */
const partCharacters = 128 * 1024
/** Of an entry beside its texts. */
const overhead = 100

type UnderWay = { part: number; readonly entries: Iterator<Entry>; kept: Iterator<CachedEvent> | undefined }

/** Those that this node sends. */
export class Snapshots {
  private readonly underWay = new Map<string, UnderWay>()

  constructor(private readonly options: SnapshotOptions) {}

  /** The part of that number. Where it is not the next one, for example because the last one was lost, the snapshot begins anew. */
  part(to: string, number: number, nowMs: number): Part {
    const known = this.underWay.get(to)
    const snapshot = known?.part === number ? known : { part: 0, entries: localEntries(this.options.state), kept: undefined }
    const part = this.next(snapshot, nowMs)
    if (part.hasMore) this.underWay.set(to, snapshot)
    else this.underWay.delete(to)
    return part
  }

  /** The other node is gone. */
  forget(to: string): void {
    this.underWay.delete(to)
  }

  private next(snapshot: UnderWay, nowMs: number): Part {
    const part = snapshot.part++
    const room = { left: this.options.partCharacters ?? partCharacters }
    const entries = taken(snapshot.entries, room, sizeOf)
    if (room.left <= 0) return { part, hasMore: true, entries, kept: [] }
    snapshot.kept ??= cachedEvents(this.options.state, nowMs).values()
    const kept = taken(snapshot.kept, room, ({ frame, topic }) => overhead + frame.length + topic.length)
    return { part, hasMore: room.left <= 0, entries, kept }
  }
}

/** Takes in the part of a snapshot that another node has sent. Undefined where it is not the next one: then it is of no use. */
export function takePart(state: State, nodeId: string, peer: Peer, body: Snapshot, nowMs: number): Effect[] | undefined {
  const { part, hasMore, sequence, kept, entries } = body
  if (part === 0) {
    peer.sequence = sequence
    beginResync(state, nodeId)
  } else if (part !== peer.part) return undefined
  peer.asked = undefined
  peer.isMissed = false
  peer.seenAtMs = nowMs
  for (const event of kept) applyCachedEvent(state, event, nowMs)
  const effects = applyEntries(state, nodeId, entries, nowMs)
  peer.part = hasMore ? part + 1 : undefined
  if (!hasMore) for (const effect of endResync(state, nodeId, nowMs)) effects.push(effect)
  return effects
}

/** The next ones, until there is no room left or there are no more. */
function taken<T>(items: Iterator<T>, room: { left: number }, sizeOf: (item: T) => number): T[] {
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
