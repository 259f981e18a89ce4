/**
 * Answers the nodes that ask for everything that this one has. A node that is not answered for eight seconds takes this one for gone. So
 * a question for which the window of reports has no room waits, the last one of each node, and is answered before changes are sent.
 */
import type { Changes } from './changes.ts'
import type { Publisher } from './publisher.ts'
import type { Snapshots } from './snapshots.ts'

type Question = { readonly number: number; readonly part: number }

export class Answers {
  /** By the node that has asked. */
  private readonly postponed = new Map<string, Question>()

  constructor(
    private readonly publisher: Pick<Publisher, 'hasRoom' | 'oldestUnacknowledged' | 'publishControl'>,
    private readonly changes: Pick<Changes, 'sequence' | 'flush'>,
    private readonly snapshots: Snapshots,
  ) {}

  /** @param number of the question */
  answer(to: string, number: number, part: number, nowMs: number): void {
    if (part === 0) this.changes.flush()
    if (!this.publisher.hasRoom) {
      this.postponed.set(to, { number, part })
      return
    }
    const { sequence } = this.changes
    const from = this.publisher.oldestUnacknowledged
    this.publisher.publishControl({
      type: 'snapshot',
      to,
      answers: number,
      sequence,
      from,
      ...this.snapshots.part(to, part, nowMs),
    })
  }

  /** There may be room again: for questions that wait, and then for changes. */
  resume(nowMs: number): void {
    const questions = [...this.postponed]
    this.postponed.clear()
    for (const [to, { number, part }] of questions) this.answer(to, number, part, nowMs)
    this.changes.flush()
  }

  /** The other node is gone. */
  forget(to: string): void {
    this.postponed.delete(to)
    this.snapshots.forget(to)
  }
}
