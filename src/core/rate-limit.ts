/** How many messages a socket may send: a window that opens with the first message and lasts `decaySeconds`. */
import type { RateLimit } from './app.ts'

export type Window = { attempts: number; endsAtMs: number }

export function newWindow(): Window {
  return { attempts: 0, endsAtMs: 0 }
}

/** Counts a message; false when it is one too many. What is refused is not counted. */
export function admit(window: Window, limit: RateLimit, nowMs: number): boolean {
  if (nowMs >= window.endsAtMs) {
    window.attempts = 0
    window.endsAtMs = nowMs + limit.decaySeconds * 1000
  }
  if (window.attempts >= limit.maxAttempts) return false
  window.attempts++
  return true
}
