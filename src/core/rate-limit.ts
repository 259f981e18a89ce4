/** A rate limit with a fixed window, which opens with the first attempt and lasts `decaySeconds`. */
import type { Rate } from './app.ts'

export type Window = { attempts: number; endsAtMs: number; hasRefused: boolean }

export function newWindow(): Window {
  return { attempts: 0, endsAtMs: 0, hasRefused: false }
}

/** Counts one attempt; false when it exceeds the limit. A refused attempt is not counted. */
export function admit(window: Window, limit: Rate, nowMs: number): boolean {
  if (nowMs >= window.endsAtMs) {
    window.attempts = 0
    window.endsAtMs = nowMs + limit.decaySeconds * 1000
    window.hasRefused = false
  }
  if (window.attempts >= limit.maxAttempts) return false
  window.attempts++
  return true
}

/** Whether the attempt that was just refused is the first one in its window. Only that one is answered, as the answer costs more than the refusal. */
export function isFirstRefusal(window: Window): boolean {
  const isFirst = !window.hasRefused
  window.hasRefused = true
  return isFirst
}
