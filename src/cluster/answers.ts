/**
 * Answers the nodes that request a snapshot of this one. A node that gets no answer for eight seconds removes this one as a peer. So a
 * request for which the control window has no room is postponed, the last one of each node, and is answered before changes are sent.
 */
import type { Changes } from './changes.ts'
import type { SnapshotRequest } from './envelope.ts'
import type { Publisher } from './publisher.ts'
import type { Snapshots } from './snapshots.ts'

/** The last part that was sent to a node, in the message of that number. */
type SentPart = { readonly number: number; readonly part: number }

export class Answers {
  /** Requests that wait for room in the window, by the node that has sent them. */
  private readonly postponed = new Map<string, SnapshotRequest>()
  private readonly sent = new Map<string, SentPart>()

  constructor(
    private readonly publisher: Pick<Publisher, 'hasRoom' | 'oldestForNewNode' | 'oldestRecent' | 'publishControl'>,
    private readonly changes: Pick<Changes, 'sequence' | 'flush'>,
    private readonly snapshots: Snapshots,
  ) {}

  answer(to: string, request: SnapshotRequest, nowMs: number): void {
    const isNext = this.isNext(to, request)
    if (!isNext) this.changes.flush()
    if (!this.publisher.hasRoom) {
      this.postponed.set(to, request)
      return
    }
    const { sequence } = this.changes
    const { oldestForNewNode: from, oldestRecent: recent } = this.publisher
    const part = this.snapshots.part(to, isNext ? request.part : 0, nowMs)
    const number = this.publisher.publishControl({
      type: 'snapshot',
      to,
      answers: request.number,
      sequence,
      from,
      recent,
      ...part,
    })!
    this.sent.set(to, { number, part: part.part })
  }

  /** Answers the postponed requests, and sends changes, as far as the control window has room now. */
  resume(nowMs: number): void {
    const requests = [...this.postponed]
    this.postponed.clear()
    for (const [to, request] of requests) this.answer(to, request, nowMs)
    this.changes.flush()
  }

  /** Removes what is kept for a peer that is removed. */
  remove(to: string): void {
    this.postponed.delete(to)
    this.sent.delete(to)
    this.snapshots.remove(to)
  }

  /** Whether a node requests the part that follows the last one that was sent to it. Any other request begins the snapshot anew. */
  private isNext(to: string, { part, after }: SnapshotRequest): boolean {
    const sent = this.sent.get(to)
    return sent !== undefined && part === sent.part + 1 && (after ?? sent.number) === sent.number
  }
}
