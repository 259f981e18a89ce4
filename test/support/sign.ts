/** Pusher's signatures, written anew from its documentation: tests do not trust the code that they test. */
import { createHash, createHmac } from 'node:crypto'

type Credentials = { readonly key: string; readonly secret: string }

export function hmac(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex')
}

export function channelAuth({ key, secret }: Credentials, socketId: string, channel: string, channelData?: string): string {
  return `${key}:${hmac(secret, channelData === undefined ? `${socketId}:${channel}` : `${socketId}:${channel}:${channelData}`)}`
}

export function userAuth({ key, secret }: Credentials, socketId: string, userData: string): string {
  return `${key}:${hmac(secret, `${socketId}::user::${userData}`)}`
}

export type SignedRequest = {
  readonly method: string
  /** What is signed. */
  readonly path: string
  readonly body?: string
  readonly query?: Readonly<Record<string, string>>
  readonly timestamp?: number
}

/** The query string, signed; a parameter in `query` stands in for the one that would be made. */
export function signedQuery({ key, secret }: Credentials, request: SignedRequest): string {
  const { method, path, body = '', timestamp = Math.floor(Date.now() / 1000) } = request
  const parameters = new URLSearchParams({
    auth_key: key,
    auth_timestamp: String(timestamp),
    auth_version: '1.0',
    ...(body === '' ? {} : { body_md5: createHash('md5').update(body).digest('hex') }),
    ...request.query,
  })
  parameters.sort()
  const text = [...parameters].map(([name, value]) => `${name}=${value}`).join('&')
  return `${parameters}&auth_signature=${hmac(secret, `${method}\n${path}\n${text}`)}`
}
