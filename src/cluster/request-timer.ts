/**
 * When a snapshot is requested of one peer, and which message answers the request. A request that is not answered is repeated. On a slow
 * backplane an answer takes longer, and is waited for: the peer takes a request that is repeated for a sign that its answer was lost, and
 * begins the snapshot anew.
 */

/** How long an answer is waited for, at least, before a request is repeated. */
const repeatMs = 2000
/**
 * How long an answer is waited for at most. The time of an answer includes that of requests which were lost before it, so without a bound
 * each loss would make the next wait three times as long. A minute is the least bound that TCP's retransmission timer may have, too
 * (RFC 6298, 2.5).
 */
const maxRepeatMs = 60_000

/** The number of the message with the first request that is not answered, and when it was sent. */
export type OpenRequest = { readonly number: number; readonly sentAtMs: number }

export class RequestTimer {
  private sentAtMs = Number.NEGATIVE_INFINITY
  /** How long the last answer took; 0 where that is not known. */
  private answerMs = 0

  /** @param open a request that is open from before the peer was removed: its answer may still arrive */
  constructor(private openRequest: OpenRequest | undefined) {}

  /** The first request that is not answered; undefined where there is none. */
  get open(): OpenRequest | undefined {
    return this.openRequest
  }

  isDue(nowMs: number): boolean {
    return nowMs - this.sentAtMs >= Math.min(Math.max(repeatMs, 3 * this.answerMs), maxRepeatMs)
  }

  /** Lets the next request be sent at once: the peer may not have received the last one, or has answered it. */
  allow(): void {
    this.sentAtMs = Number.NEGATIVE_INFINITY
  }

  /** A request was sent in the message of that number. */
  sent(number: number, nowMs: number): void {
    this.sentAtMs = nowMs
    this.openRequest ??= { number, sentAtMs: nowMs }
  }

  /**
   * Whether a snapshot answers a request to the peer. No replay does: a message that does is the peer's own, and so is its number,
   * whatever forged messages have claimed before.
   *
   * @param answers the number of the message that it answers
   * @param lastNumber that of the last message of this node
   */
  isAnswer(answers: number, lastNumber: number): boolean {
    return this.openRequest !== undefined && answers >= this.openRequest.number && answers <= lastNumber
  }

  answered(nowMs: number): void {
    if (this.openRequest !== undefined) this.answerMs = nowMs - this.openRequest.sentAtMs
    this.openRequest = undefined
  }

  /** This node has connected again: requests of before, and the time that they took, no longer count. */
  reset(): void {
    this.openRequest = undefined
    this.answerMs = 0
    this.allow()
  }
}
