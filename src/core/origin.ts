/** Which browsers an app lets in. */
import type { App } from './app.ts'

/** Scheme, user and port are of no account; the case of the host is kept, as it was sent. */
const hostOf = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?(\[[^\]/?#]*\]|[^:/?#]*)/i

/** A pattern is held against the host of the Origin header; one with a scheme against the whole of it. `origin` is null when the header is missing. */
export function isOriginAllowed(app: App, origin: string | null): boolean {
  if (app.allowedOrigins.includes('*')) return true
  if (origin === null || origin === '') return app.allowMissingOrigin
  const host = hostOf.exec(origin)?.[1]
  return app.allowedOrigins.some(pattern =>
    pattern.includes('://') ? matches(pattern, origin) : host !== undefined && matches(pattern, host),
  )
}

function matches(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text
  const source = pattern.split('*').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${source.join('.*')}$`, 's').test(text)
}
