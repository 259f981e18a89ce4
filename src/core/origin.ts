/** Which origins an app allows. */
import type { App } from './app.ts'

/**
 * The host of an origin. Scheme, user and port are ignored, and the host keeps its case. A backslash ends the host as a slash does, as in
 * browsers (https://url.spec.whatwg.org/#host-state), and an address in brackets is followed by a port alone.
 */
const hostOf = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#\\]*@)?(\[[^\]/?#\\]*\](?=[:/?#\\]|$)|[^:/?#\\]*)/i

/** The longest Origin header, in characters. A host has 253 at most, and 47 are more than scheme and port need. */
const maxLength = 300

/** A pattern is matched against the host of an Origin header, or, where the pattern has a scheme, against the whole header. */
type Pattern = { readonly isWhole: boolean; readonly parts: readonly string[] }

/** The compiled patterns, by the list of origins of an app. */
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
