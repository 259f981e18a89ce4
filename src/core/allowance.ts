/**
 * How much one client may send, checked before a message is parsed: messages and bytes per second, with a burst of three seconds. What a
 * client has sent is kept as the time until which its allowance is spent, so that the check takes a few additions and allocates nothing.
 */

/** Infinity: unlimited. */
export type Allowance = { readonly messagesPerSecond: number; readonly bytesPerSecond: number }

/** Of one client; both 0 at its start. */
export type Spent = { messagesUntilMs: number; bytesUntilMs: number }

/** `later`: the client is ahead of its allowance, so that other clients are served first. `over`: it has exceeded its burst. */
export type Verdict = 'now' | 'later' | 'over'

/**
 * With the stock settings 6,000 messages and 6 MB at once: a client with 5,000 channels subscribes to all of them in one turn after a
 * reconnect, with 200 to 400 bytes each. After three seconds without a message the whole burst is available again, so that the answer
 * to a ping, which only silent clients are sent, is never `over`.
 */
const savedMs = 3000

/**
 * With the stock settings 10 messages or 10 KB. Bun delivers up to 5.8 MB of one connection in a turn of the event loop (11 reads of
 * 512 KiB). Of what is allowed, 6,000 subscriptions kept all other clients waiting for 20 ms, 6 MB of nested arrays for 480 ms.
 */
const promptMs = 5

/**
 * Counts a message of so many bytes. The verdict depends on the messages before it: a single one is never `over`, also where
 * `max_message_size` is larger than the burst.
 */
export function spend(spent: Spent, { messagesPerSecond, bytesPerSecond }: Allowance, bytes: number, nowMs: number): Verdict {
  const messagesUntilMs = Math.max(spent.messagesUntilMs, nowMs)
  const bytesUntilMs = Math.max(spent.bytesUntilMs, nowMs)
  const aheadMs = Math.max(messagesUntilMs, bytesUntilMs) - nowMs
  if (aheadMs > savedMs) return 'over'
  spent.messagesUntilMs = messagesUntilMs + 1000 / messagesPerSecond
  spent.bytesUntilMs = bytesUntilMs + (1000 * bytes) / bytesPerSecond
  return aheadMs > promptMs ? 'later' : 'now'
}
