/** `--debug`: every message that passes, with what nobody should read in a log masked. */
import type { Watcher } from '../server/watch.ts'
import type { Log } from './log.ts'

export function debugWatcher(log: Log): Watcher {
  return {
    received: (app, socket, text) => log.debug('Message received', { app, socket, message: mask(text) }),
    sent: (app, socket, frame) => log.debug('Message sent', { app, socket, message: mask(frame) }),
    notice: notice => log.debug(titles[notice.event], { ...notice }),
  }
}

const titles = {
  channel_created: 'Channel created',
  channel_removed: 'Channel removed',
  connection_pruned: 'Connection pruned',
}

/** Signatures and what users are: in plain JSON, and in JSON inside a JSON string. */
export function mask(text: string): string {
  return text.replace(
    /("|\\")(auth|channel_data|user_data|user_info|shared_secret)\1\s*:\s*("(?:[^"\\]|\\.)*"|\\"(?:[^"\\]|\\[^"])*\\"|\{[^{}]*\}|[^,}]+)/g,
    '$1$2$1:$1…$1',
  )
}
