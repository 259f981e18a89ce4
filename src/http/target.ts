/** The path and query of a request, as they were sent. */
import { slashCode } from './routes.ts'

export type Target = { readonly sentPath: string; readonly query: string }

/** @param url absolute; or path and query alone, where a request has no valid Host header */
export function targetOf(url: string): Target {
  const start = url.charCodeAt(0) === slashCode ? 0 : url.indexOf('/', url.indexOf('://') + 3)
  const hash = url.indexOf('#', start)
  const end = hash < 0 ? url.length : hash
  const question = url.indexOf('?', start)
  if (question < 0 || question > end) return { sentPath: url.slice(start, end), query: '' }
  return { sentPath: url.slice(start, question), query: url.slice(question + 1, end) }
}
