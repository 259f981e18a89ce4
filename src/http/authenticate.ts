/** Authenticates a request of the application by Pusher's signature of its method, path, query and body. */
import type { App } from '../core/app.ts'
import { md5, verifyRequest } from '../protocol/signature.ts'
import { HttpError } from './http-error.ts'
import { canonicalQuery, parseQuery } from './query-string.ts'

export type SignedParts = {
  readonly method: string
  /** Every form of the path that may have been signed: with and without the prefix, and as the SDKs had it before it was encoded. */
  readonly paths: readonly string[]
  /** The query as it was sent. */
  readonly query: string
}

export type Authenticated = {
  /** Whether the signature of the query is verified already, so that only the body can still be another one. */
  readonly isVerified: boolean
  /** Verifies the rest, once the body has been read. @throws HttpError 401 */
  readonly checkBody: (body: string) => void
}

const invalid = 'Authentication signature invalid'
const isUnixTime = /^\d+$/
const isMd5 = /^[\da-f]+$/
/** The lengths of hashes in hex. */
const md5Length = 32
const sha256Length = 64

/**
 * Verifies the signature of a request. Nothing else of it may be used before this returns, and nothing of its body before `checkBody`
 * does. The signature covers the MD5 of the body, so that it is verified before the body is read; an unsigned body is not read. A POST
 * without `body_md5` in its query, which Reverb accepts, can only be verified with its body.
 *
 * @throws HttpError 401, which names the part that is wrong where the signature itself is valid
 */
export function authenticate(app: App, request: SignedParts, nowSeconds: number, toleranceSeconds: number): Authenticated {
  const query = parseCommonQuery(app, request.query) ?? parseAnyQuery(request.query)
  const { bodyMd5 } = query.sent
  if (request.method === 'POST' && bodyMd5 === undefined)
    return {
      isVerified: false,
      checkBody: body =>
        verify(app, request, body === '' ? query : parseAnyQuery(request.query, md5(body)), nowSeconds, toleranceSeconds),
    }
  verify(app, request, query, nowSeconds, toleranceSeconds)
  return {
    isVerified: true,
    checkBody(body) {
      if (md5(body) !== bodyMd5) throw signatureRefused('body_md5', 'is not that of the body')
    },
  }
}

function verify(
  app: App,
  { method, paths }: SignedParts,
  { canonical, sent }: Query,
  nowSeconds: number,
  toleranceSeconds: number,
): void {
  const { signature } = sent
  const isValid = signature !== undefined && paths.some(path => verifyRequest(app.secret, method, path, canonical, signature))
  if (!isValid) throw new HttpError(401, 'request-signature', `${invalid}.`)
  if (sent.key !== app.key) throw signatureRefused('auth_key', 'is not the key of this app')
  if (sent.version !== '1.0') throw signatureRefused('auth_version', 'must be 1.0')
  checkTimestamp(sent.timestamp ?? '', nowSeconds, toleranceSeconds)
}

type Query = {
  /** The part of the query that is signed. */
  readonly canonical: string
  readonly sent: Readonly<Record<'key' | 'timestamp' | 'version' | 'bodyMd5' | 'signature', string | undefined>>
}

const pieces = {
  key: 'auth_key=',
  timestamp: '&auth_timestamp=',
  bodyMd5: '&auth_version=1.0&body_md5=',
  signature: '&auth_signature=',
}

/**
 * Parses the query that Pusher's SDKs send with an event: these parameters, sorted as they are signed, and not encoded. Their positions
 * are known beforehand, and to compare them takes a fraction of the time of parsing any query.
 */
function parseCommonQuery({ key }: App, query: string): Query | undefined {
  const keyEnd = pieces.key.length + key.length
  const timestampStart = keyEnd + pieces.timestamp.length
  const timestampEnd = query.indexOf('&', timestampStart)
  const md5Start = timestampEnd + pieces.bodyMd5.length
  const md5End = md5Start + md5Length
  const signatureStart = md5End + pieces.signature.length
  const isCommon =
    query.length === signatureStart + sha256Length &&
    query.startsWith(pieces.key) &&
    query.startsWith(key, pieces.key.length) &&
    query.startsWith(pieces.timestamp, keyEnd) &&
    query.startsWith(pieces.bodyMd5, timestampEnd) &&
    query.startsWith(pieces.signature, md5End)
  if (!isCommon) return undefined
  const timestamp = query.slice(timestampStart, timestampEnd)
  const bodyMd5 = query.slice(md5Start, md5End)
  const sent = { key, timestamp, version: '1.0', bodyMd5, signature: query.slice(signatureStart) }
  return isUnixTime.test(timestamp) && isMd5.test(bodyMd5) ? { canonical: query.slice(0, md5End), sent } : undefined
}

/** @param bodyMd5 the MD5 of the body, where the query has no `body_md5` */
function parseAnyQuery(text: string, bodyMd5?: string): Query {
  const query = parseQuery(text)
  const sent = {
    key: query.get('auth_key'),
    timestamp: query.get('auth_timestamp'),
    version: query.get('auth_version'),
    bodyMd5: query.get('body_md5'),
    signature: query.get('auth_signature'),
  }
  return { canonical: canonicalQuery(query, bodyMd5), sent }
}

function checkTimestamp(text: string, nowSeconds: number, toleranceSeconds: number): void {
  if (!isUnixTime.test(text))
    throw new HttpError(401, 'request-timestamp', `${invalid}: auth_timestamp must be a Unix time in seconds.`)
  const offBy = Math.round(Math.abs(nowSeconds - Number(text)))
  if (offBy <= toleranceSeconds) return
  throw new HttpError(
    401,
    'request-timestamp',
    `${invalid}: auth_timestamp is ${offBy} seconds off, ${toleranceSeconds} are allowed. Are both clocks right?`,
    { parameters: { seconds: offBy, allowed: toleranceSeconds } },
  )
}

/** @param part the part of the query that is wrong although the signature is valid */
function signatureRefused(part: 'auth_key' | 'auth_version' | 'body_md5', fault: string): HttpError {
  return new HttpError(401, 'request-signature', `${invalid}: ${part} ${fault}.`, { parameters: { part } })
}
