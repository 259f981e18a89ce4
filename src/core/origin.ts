/** Which browsers an app lets in. */
import type { App } from './app.ts'

/**
 * Scheme, user and port are of no account; the case of the host is kept, as it was sent. A backslash ends it as a slash does, as for
 * browsers (https://url.spec.whatwg.org/#host-state), and behind an address in brackets there is nothing but a port.
 */
const hostOf = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#\\]*@)?(\[[^\]/?#\\]*\](?=[:/?#\\]|$)|[^:/?#\\]*)/i

/** Of an Origin header, in characters. A host has 253 at most, and 47 are more than scheme and port need. */
const maxLength = 300

/** One that is held against the host of an Origin header, or, with a scheme, against the whole of it. */
type Pattern = { readonly isWhole: boolean; readonly parts: readonly string[] }

/** Of each app, by its list of origins. */
const patternsOf = new WeakMap<App['allowedOrigins'], readonly Pattern[]>()

/** `origin` is null when the header is missing. */
export function isOriginAllowed(app: App, origin: string | null): boolean {
  if (origin !== null && origin.length > maxLength) return false
  if (app.allowedOrigins.includes('*')) return true
  if (origin === null || origin === '') return app.allowMissingOrigin
  const host = hostOf.exec(origin)?.[1]
  return patterns(app).some(({ isWhole, parts }) =>
    isWhole ? matches(parts, origin) : host !== undefined && matches(parts, host),
  )
}

function patterns({ allowedOrigins }: App): readonly Pattern[] {
  const known = patternsOf.get(allowedOrigins)
  if (known !== undefined) return known
  const made = allowedOrigins.map(pattern => ({ isWhole: pattern.includes('://'), parts: pattern.split('*') }))
  patternsOf.set(allowedOrigins, made)
  return made
}

/**
 * Whether a text consists of these parts, with anything between them, as for Laravel's `Str::is`. Each part is matched at its first
 * occurrence: a later one would leave less text for the others. So the text is scanned once, where a regular expression backtracks
 * over every division of it.
 */
function matches(parts: readonly string[], text: string): boolean {
  const first = parts[0]!
  const last = parts.at(-1)!
  if (parts.length === 1) return text === first
  const end = text.length - last.length
  if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at <= end
}
