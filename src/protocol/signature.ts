/** Signatures: HMAC-SHA256 in lower-case hex, for Pusher's with the app's secret. This is the only place that makes or compares them. */
import { CryptoHasher, MD5 } from 'bun'

export type Credentials = { readonly key: string; readonly secret: string }

/** `auth` of a subscription: `{key}:{signature of socketId:channel[:channelData]}`. `channelData` is the text as it was sent. */
export function channelAuth(app: Credentials, socketId: string, channel: string, channelData?: string): string {
  return `${app.key}:${sign(app.secret, channelData === undefined ? `${socketId}:${channel}` : `${socketId}:${channel}:${channelData}`)}`
}

/** Whether `auth` is the app's signature for this socket, channel and data. */
export function verifyChannel(
  app: Credentials,
  socketId: string,
  channel: string,
  channelData: string | undefined,
  auth: string,
): boolean {
  return equal(auth, channelAuth(app, socketId, channel, channelData))
}

/** Whether `auth` is the app's signature for a sign-in of this socket. `userData` is the text as it was sent. */
export function verifyUser(app: Credentials, socketId: string, userData: string, auth: string): boolean {
  return equal(auth, `${app.key}:${sign(app.secret, `${socketId}::user::${userData}`)}`)
}

/**
 * Whether `signature` is that of the request.
 *
 * @param query as `canonicalQuery` returns it
 */
export function verifyRequest(secret: string, method: string, path: string, query: string, signature: string): boolean {
  return equal(signature, requestSignature(secret, method, path, query))
}

export function requestSignature(secret: string, method: string, path: string, query: string): string {
  return sign(secret, `${method}\n${path}\n${query}`)
}

/** The MD5 in lower-case hex, as in `body_md5`. */
export function md5(body: string | Uint8Array): string {
  return MD5.hash(body, 'hex')
}

/** The signature of a message between nodes. */
export function signText(key: string, text: string): string {
  return sign(key, text)
}

export function verifyText(key: string, text: string, signature: string): boolean {
  return equal(signature, sign(key, text))
}

function sign(secret: string, text: string): string {
  return withSecret(secret).update(text).digest('hex')
}

/** The hasher of the last secret is kept: most servers have one application, and to set its secret up is a fifth of the work. */
let last = { secret: '', hasher: new CryptoHasher('sha256', '') }

function withSecret(secret: string): CryptoHasher {
  if (secret !== last.secret) last = { secret, hasher: new CryptoHasher('sha256', secret) }
  return last.hasher.copy()
}

/** Compares in constant time: an attacker can measure only the length. */
function equal(given: string, expected: string): boolean {
  if (given.length !== expected.length) return false
  let difference = 0
  for (let i = 0; i < expected.length; i++) difference |= given.charCodeAt(i) ^ expected.charCodeAt(i)
  return difference === 0
}
