/** How Pusher's protocol signs a subscription: https://pusher.com/docs/channels/library_auth_reference/auth-signatures/ */
import { CryptoHasher } from 'bun'
import type { App } from './app.ts'

/** @param member the `channel_data` of a presence channel */
export function subscriptionAuth({ key, secret }: App, socketId: string, channel: string, member?: string): string {
  const signed = member === undefined ? `${socketId}:${channel}` : `${socketId}:${channel}:${member}`
  return `${key}:${new CryptoHasher('sha256', secret).update(signed).digest('hex')}`
}
