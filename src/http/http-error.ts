/** Answers other than 200. */
import type { Refused } from '../core/effect.ts'
import type { Queries } from '../core/queries.ts'
import type { RequestRefusal } from '../protocol/refusal.ts'
import { decodeComponent } from './query-string.ts'
import { type AnswerParameters, refusalHeader, refusalValue } from './refusal-header.ts'

type Details = {
  /** The values in the text, for programs. */
  readonly parameters?: AnswerParameters
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer other than 200, with the text that its sender sees. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly headers: Readonly<Record<string, string>>

  constructor(
    readonly status: number,
    readonly refusal: RequestRefusal,
    message: string,
    { parameters, headers }: Details = {},
  ) {
    super(message)
    this.headers = { ...headers, [refusalHeader]: refusalValue(refusal, parameters) }
  }
}

/** 422, with the faults of each field in Laravel's form and words. */
export class InvalidBody extends Error {
  override readonly name = 'InvalidBody'

  constructor(readonly fields: Readonly<Record<string, readonly string[]>>) {
    super('The body is invalid.')
  }
}

export type ErrorOptions = {
  readonly queries: Queries
  /** `/prefix`, or empty. */
  readonly prefix: string
  /** Called for each answer other than 200, and where something is dropped because of a request. */
  readonly refused: (refused: Refused) => void
  /** Called for an error that is a fault of the server. @param request its method and path: the query contains a signature */
  readonly unexpected: (error: unknown, request: string) => void
}

type FailedRequest = { readonly method: string; readonly sentPath: string; readonly fullPath: string }

/** The answer to a request that failed, which is reported. */
export function errorResponse(error: unknown, { method, sentPath, fullPath }: FailedRequest, options: ErrorOptions): Response {
  // Without the query, which contains the signature.
  const name = `${method} ${sentPath}`
  const refused = (refusal: RequestRefusal, reason: string) =>
    options.refused({ type: 'refused', refusal, appId: appIdOf(fullPath, options), about: `${name}: ${reason}` })
  if (error instanceof HttpError) {
    refused(error.refusal, `${error.status} ${error.message}`)
    return new Response(error.message, { status: error.status, headers: error.headers })
  }
  if (error instanceof InvalidBody) {
    const fields = JSON.stringify(error.fields)
    refused('request-invalid', `422 ${fields}`)
    const headers = { 'Content-Type': 'application/json', [refusalHeader]: refusalValue('request-invalid') }
    return new Response(fields, { status: 422, headers })
  }
  options.unexpected(error, name)
  return new Response('Internal server error.', { status: 500, headers: { [refusalHeader]: refusalValue('unexpected-error') } })
}

/** The id of the app in a path, which need not be one of the routes; undefined where there is no such app. */
function appIdOf(fullPath: string, { prefix, queries }: ErrorOptions): string | undefined {
  const path = fullPath.startsWith(prefix) ? fullPath.slice(prefix.length) : fullPath
  const id = decodeComponent(/^\/apps\/([^/]+)/.exec(path)?.[1] ?? '')
  return queries.app(id)?.id
}
