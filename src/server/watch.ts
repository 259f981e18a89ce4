/** Whoever wants to see what passes through the server, for logs and for the application's own listeners. */
import type { Notice } from '../core/effect.ts'

export type Watcher = {
  readonly received: (appId: string, socketId: string, text: string) => void
  readonly sent: (appId: string, socketId: string, frame: string) => void
  readonly notice: (notice: Notice) => void
}
