/** Who is still there. */
import type { Socket } from './socket.ts'

export type Verdict = 'alive' | 'ask' | 'gone'

/** A socket that was silent for its app's ping interval is asked, and gone when it is silent for as long again. */
export function verdict(socket: Socket, nowMs: number): Verdict {
  const patienceMs = socket.app.pingIntervalSeconds * 1000
  if (socket.pingedAtMs !== undefined) return nowMs - socket.pingedAtMs >= patienceMs ? 'gone' : 'alive'
  return nowMs - socket.lastSeenMs >= patienceMs ? 'ask' : 'alive'
}
