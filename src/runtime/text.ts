/** Prepares text that clients have sent for a log: escapes control characters, and bounds the length. */
import type { App } from '../core/app.ts'

/** Control characters, line and paragraph separators, lone surrogates, and marks that change the direction of text. */
const controls = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** How much of a text is logged, in UTF-16 code units: the whole of any origin of a browser, or channel name that Pusher allows. */
export const sampleLength = 200

/** Escapes characters as `\x1b` or `\u{202e}`, as the PHP class LogLine does. */
export function visible(text: string): string {
  return text.replace(controls, character => {
    const code = character.codePointAt(0)!
    const hex = code.toString(16)
    return short[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex.padStart(4, '0')}}`)
  })
}

/** Escapes a text, and cuts it where it is longer than that. */
export function clientText(text: string, maxLength = sampleLength): string {
  return text.length <= maxLength ? visible(text) : `${visible(text.slice(0, maxLength))}… (${text.length} characters)`
}

/** Does the same, but hides a text that holds the secret of an app: a misconfigured client may send it in place of the key. */
export function withoutSecrets(text: string, apps: Iterable<Pick<App, 'secret'>>): string {
  for (const { secret } of apps) if (secret !== '' && text.includes(secret)) return '(holds the secret of an app)'
  return clientText(text)
}
