/** Logs connections, messages and requests for `reverb:start --debug`, with secrets masked. */
import type { App } from '../core/app.ts'
import type { ObservedSocket, Observer } from '../server/observer.ts'
import type { AnsweredRequest } from '../server/server.ts'
import type { Log } from './log.ts'
import { clientText, withoutSecrets } from './text.ts'

/** How much of a message is logged, in UTF-16 code units: the whole of one that stock settings allow. */
const shownLength = 10_000

export function debugObserver(log: Log): Observer {
  const message = (title: string, { appId, socketId }: ObservedSocket, text: string, code: string) =>
    log.debug(title, { app: appId, socket: socketId, message: clientText(mask(text), shownLength) }, code)
  return {
    opened: ({ appId, socketId, origin }) =>
      log.debug('Connection opened', { app: appId, socket: socketId, origin: clientText(origin ?? '') }, 'connection-opened'),
    closed: ({ appId, socketId, code, reason, seconds }) => {
      const context = { app: appId, socket: socketId, code, reason: clientText(reason), seconds }
      log.debug('Connection closed', context, 'connection-closed')
    },
    received: (socket, text) => message('Message received', socket, text, 'message-received'),
    sent: (socket, frame) => message('Message sent', socket, frame, 'message-sent'),
    channel: ({ event, appId, channel }) =>
      log.debug(titles[event], { app: appId, channel: clientText(channel) }, event.replace('_', '-')),
    pruned: ({ appId, socketId }) => log.debug('Connection pruned', { app: appId, socket: socketId }, 'connection-timed-out'),
  }
}

/** Logs an answered request of the HTTP API, or of a WebSocket handshake, which is answered with 101. */
export function debugAnswer(
  log: Log,
  apps: () => Iterable<App>,
): (request: AnsweredRequest, status: number, milliseconds: number) => void {
  return ({ method, path, query }, status, milliseconds) => {
    const harmless = withoutSignature(query)
    const shown = withoutSecrets(harmless === '' ? path : `${path}?${harmless}`, apps())
    log.debug('Request answered', { method, path: shown, status, ms: Math.round(milliseconds * 10) / 10 }, 'request-answered')
  }
}

/** The parameters of a signature, which are left out of the logged query. */
const signatureParameters = /^(?:auth_|body_md5)/i

function withoutSignature(query: string): string {
  return query
    .split('&')
    .filter(pair => !signatureParameters.test(decoded(pair)))
    .join('&')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const titles = {
  channel_created: 'Channel created',
  channel_removed: 'Channel removed',
}

/** Fields with signatures or with data of users; `hash` holds the members of a presence channel. */
const hidden = new Set(['auth', 'channel_data', 'user_data', 'user_info', 'shared_secret', 'hash'])
const hiddenWords = new RegExp(`${[...hidden].join('|')}|\\\\u`)

/** Returns the text with hidden values replaced, also in JSON inside JSON strings. Other text that may hold one is left out as a whole. */
export function mask(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    const masked = maskValue(value)
    return masked === value ? text : JSON.stringify(masked)
  } catch {
    return hiddenWords.test(text) ? `(${text.length} characters that are no JSON)` : text
  }
}

/** Returns the same value where there is nothing to hide. */
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
