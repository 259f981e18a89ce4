/** `--debug`: every message that passes, with what nobody should read in a log masked. */
import type { Watcher } from '../server/watch.ts'
import type { Log } from './log.ts'

export function debugWatcher(log: Log): Watcher {
  return {
    received: ({ appId, socketId }, text) => log.debug('Message received', { app: appId, socket: socketId, message: mask(text) }),
    sent: ({ appId, socketId }, frame) => log.debug('Message sent', { app: appId, socket: socketId, message: mask(frame) }),
    channel: notice => log.debug(titles[notice.event], { ...notice }),
    pruned: ({ appId, socketId }) => log.debug('Connection pruned', { event: 'connection_pruned', appId, socketId }),
  }
}

const titles = {
  channel_created: 'Channel created',
  channel_removed: 'Channel removed',
}

/** Signatures, and what users are; `hash` holds the members of a presence channel. */
const hidden = new Set(['auth', 'channel_data', 'user_data', 'user_info', 'shared_secret', 'hash'])
const hiddenWords = new RegExp(`${[...hidden].join('|')}|\\\\u`)

/** The text with hidden values replaced, in JSON inside JSON strings too. Text that is no JSON and may hold one is left out. */
export function mask(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    const masked = maskValue(value)
    return masked === value ? text : JSON.stringify(masked)
  } catch {
    return hiddenWords.test(text) ? `(${text.length} characters that are no JSON)` : text
  }
}

/** The same value when there is nothing to hide. */
function maskValue(value: unknown): unknown {
  if (typeof value === 'string') return /^\s*["{[]/.test(value) ? mask(value) : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const list = value.map(maskValue)
    return list.some((item, i) => item !== value[i]) ? list : value
  }
  const entries = Object.entries(value)
  const masked = entries.map(([key, item]): [string, unknown] => [key, hidden.has(key) ? '…' : maskValue(item)])
  return masked.some(([, item], i) => item !== entries[i]![1]) ? Object.fromEntries(masked) : value
}
