/**
 * How much one client may send, in messages and bytes per second, with a burst of some seconds. It is checked before a message is parsed.
 * What a client has sent is kept as the time until which its allowance is used up, so that the check takes a few additions and allocates
 * nothing.
 */

/** A rate of `Infinity` is no limit. */
export type Allowance = {
  readonly messagesPerSecond: number
  readonly bytesPerSecond: number
  /** For how long a client may save up both. */
  readonly burstSeconds: number
}

/** The usage of one client; both times are 0 at first. */
export type Usage = { messagesUntilMs: number; bytesUntilMs: number }

/** A message is handled `now`, or `later` than those of other clients where its client is ahead of its allowance; `over`: the burst is exceeded. */
export type Throttling = 'now' | 'later' | 'over'

/**
 * With the stock settings 10 messages or 10 KB. Bun delivers up to 5.8 MB of one connection in a turn of the event loop (11 reads of
 * 512 KiB). Of what is allowed, 6,000 subscriptions kept all other clients waiting for 20 ms, 6 MB of nested arrays for 480 ms.
 */
const promptMs = 5

/**
 * Counts a message of so many bytes. With the stock settings a burst is 6,000 messages and 6 MB: a client with 5,000 channels subscribes to
 * all of them in one turn after a reconnect, with 200 to 400 bytes each. The result depends on the messages before it: a single one is never
 * `over`, also where `max_message_size` is larger than the burst, and neither is the answer to a ping, which only idle clients are sent.
 */
export function spend(
  usage: Usage,
  { messagesPerSecond, bytesPerSecond, burstSeconds }: Allowance,
  bytes: number,
  nowMs: number,
): Throttling {
  const messagesUntilMs = Math.max(usage.messagesUntilMs, nowMs)
  const bytesUntilMs = Math.max(usage.bytesUntilMs, nowMs)
  const aheadMs = Math.max(messagesUntilMs, bytesUntilMs) - nowMs
  if (aheadMs > burstSeconds * 1000) return 'over'
  usage.messagesUntilMs = messagesUntilMs + 1000 / messagesPerSecond
  usage.bytesUntilMs = bytesUntilMs + (1000 * bytes) / bytesPerSecond
  return aheadMs > promptMs ? 'later' : 'now'
}
