/** Signatures: HMAC-SHA256 in lower-case hex. The only place that makes or compares them. Pusher's are made with the app's secret. */
import { CryptoHasher, MD5 } from 'bun'

export type Credentials = { readonly key: string; readonly secret: string }

/** `auth` of a subscription: `{key}:{signature of socketId:channel[:channelData]}`. `channelData` is the raw string that was sent. */
export function channelAuth(app: Credentials, socketId: string, channel: string, channelData?: string): string {
  return `${app.key}:${sign(app.secret, channelData === undefined ? `${socketId}:${channel}` : `${socketId}:${channel}:${channelData}`)}`
}

/** True when `auth` is the app's own signature for this socket, channel and data. */
export function verifyChannel(
  app: Credentials,
  socketId: string,
  channel: string,
  channelData: string | undefined,
  auth: string,
): boolean {
  return equal(auth, channelAuth(app, socketId, channel, channelData))
}

/** True when `auth` is the app's own signature for this socket being that user. `userData` is the raw string that was sent. */
export function verifyUser(app: Credentials, socketId: string, userData: string, auth: string): boolean {
  return equal(auth, `${app.key}:${sign(app.secret, `${socketId}::user::${userData}`)}`)
}

/**
 * True when `signature` signs the request.
 *
 * @param query canonical, as `canonicalQuery` makes it
 */
export function verifyRequest(secret: string, method: string, path: string, query: string, signature: string): boolean {
  return equal(signature, requestSignature(secret, method, path, query))
}

export function requestSignature(secret: string, method: string, path: string, query: string): string {
  return sign(secret, `${method}\n${path}\n${query}`)
}

/** MD5 in lower-case hex: `body_md5`. */
export function md5(body: string | Uint8Array): string {
  return MD5.hash(body, 'hex')
}

/** Of a text that is neither: what nodes say to each other. */
export function signText(key: string, text: string): string {
  return sign(key, text)
}

export function verifyText(key: string, text: string, signature: string): boolean {
  return equal(signature, sign(key, text))
}

function sign(secret: string, text: string): string {
  return withSecret(secret).update(text).digest('hex')
}

/** The last one is kept: most servers have one application, and to take its secret in is a fifth of the work. */
let last = { secret: '', hasher: new CryptoHasher('sha256', '') }

function withSecret(secret: string): CryptoHasher {
  if (secret !== last.secret) last = { secret, hasher: new CryptoHasher('sha256', secret) }
  return last.hasher.copy()
}

/** Takes as long for a near miss as for a far one; only the length can be told from outside. */
function equal(given: string, expected: string): boolean {
  if (given.length !== expected.length) return false
  let difference = 0
  for (let i = 0; i < expected.length; i++) difference |= given.charCodeAt(i) ^ expected.charCodeAt(i)
  return difference === 0
}
