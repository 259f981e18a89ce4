/** How often something may happen: a window that opens with the first time and lasts `decaySeconds`. */
import type { Rate } from './app.ts'

export type Window = { attempts: number; endsAtMs: number; hasRefused: boolean }

export function newWindow(): Window {
  return { attempts: 0, endsAtMs: 0, hasRefused: false }
}

/** Counts one time; false when it is one too many. What is refused is not counted. */
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

/** Whether what was just refused is the first of its window. Only that one is answered: the answer costs more than the refusal. */
export function isFirstRefusal(window: Window): boolean {
  const isFirst = !window.hasRefused
  window.hasRefused = true
  return isFirst
}
