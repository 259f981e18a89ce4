/** Text that clients have written, made fit for a log: control characters are escaped, and its length is bounded. */
import type { App } from '../core/app.ts'

/** Control characters, line and paragraph separators, lone surrogates, and marks that change the direction of what follows. */
const controls = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** In UTF-16 code units: the longest origin of a browser, and the longest channel name of Pusher, are whole. */
export const sampleLength = 200

/** Such as `\x1b` and `\u{202e}`, in the form in which PHP's LogLine writes them. */
export function visible(text: string): string {
  return text.replace(controls, character => {
    const code = character.codePointAt(0)!
    const hex = code.toString(16)
    return short[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex.padStart(4, '0')}}`)
  })
}

/** Visible, and cut to its beginning where it is longer than that. */
export function clientText(text: string, maxLength = sampleLength): string {
  return text.length <= maxLength ? visible(text) : `${visible(text.slice(0, maxLength))}… (${text.length} characters)`
}

/** The same, unless it holds the secret of an app: a client that is configured wrongly may send that where the key should be. */
export function withoutSecrets(text: string, apps: Iterable<Pick<App, 'secret'>>): string {
  for (const { secret } of apps) if (secret !== '' && text.includes(secret)) return '(holds the secret of an app)'
  return clientText(text)
}
