/** What pusher-http-php signs and verifies: its signatures are taken to the server by real clients. */
import { expect } from 'bun:test'
import type { PresenceChannel } from 'pusher-js'
import { hmac } from '../../../support/sign.ts'
import { joined, reached, signedIn } from './heard.ts'
import { type Case, pusherPhp } from './php.ts'
import type { Site } from './site.ts'

export function authorizes(method: string): Case {
  return async site => {
    const client = await site.connect(undefined, {
      channelAuthorization: {
        customHandler: async ({ channelName, socketId }, done) =>
          done(null, JSON.parse(await pusherPhp(site, method, [channelName, socketId]))),
      },
    })
    await joined(client, 'private-room')
    const { heard } = await joined(client, 'private-encrypted-room')
    await site.sdk.trigger('private-encrypted-room', 'told', { pin: 4711 })
    expect(await heard.next()).toEqual(['told', { pin: 4711 }])
  }
}

export function authorizesMember(method: string): Case {
  return async site => {
    const client = await site.connect(undefined, {
      channelAuthorization: {
        customHandler: async ({ channelName, socketId }, done) =>
          done(null, JSON.parse(await pusherPhp(site, method, [channelName, socketId, 'ann', { name: 'Ann' }]))),
      },
    })
    const { channel } = await joined<PresenceChannel>(client, 'presence-room')
    expect(channel.members.me).toEqual({ id: 'ann', info: { name: 'Ann' } })
  }
}

export function verifies(method: string): Case {
  return async site => {
    const body = '{"time_ms":1,"events":[]}'
    expect(await pusherPhp(site, method, [signedHeaders(site, body), body])).toBeNull()
    const forged = { ...signedHeaders(site, body), 'X-Pusher-Signature': hmac('guessed', body) }
    await expect(pusherPhp(site, method, [forged, body])).rejects.toThrow('invalid signature')
  }
}

/** An id may be a number, as Laravel's `$user->id` is. */
export const authenticatesUser: Case = async site => {
  for (const id of ['ann', 7, Number.MAX_SAFE_INTEGER]) {
    const client = await site.connect(undefined, {
      userAuthentication: {
        customHandler: async ({ socketId }, done) =>
          done(null, JSON.parse(await pusherPhp(site, 'authenticateUser', [socketId, { id, watchlist: [8] }]))),
      },
      channelAuthorization: {
        customHandler: async ({ socketId, channelName }, done) =>
          done(null, JSON.parse(await pusherPhp(site, 'authorizeChannel', [channelName, socketId]))),
      },
    })
    const heard = await signedIn(client)
    expect(client.user.user_data.id).toBe(String(id))
    await pusherPhp(site, 'sendToUser', [String(id), 'paid', { euro: 3 }])
    expect(await heard.next()).toEqual(['paid', { euro: 3 }])
    const { channel } = await joined<PresenceChannel>(client, 'presence-room')
    expect(channel.members.me.id).toBe(String(id))
    await pusherPhp(site, 'terminateUserConnections', [String(id)])
    await reached(client, 'disconnected')
  }
}

export const readsWebhook: Case = async site => {
  const body = JSON.stringify({ time_ms: 1_700_000_000_000, events: [{ name: 'channel_occupied', channel: 'room' }] })
  expect(await pusherPhp(site, 'webhook', [signedHeaders(site, body), body])).toEqual(JSON.parse(body))
  await expect(pusherPhp(site, 'webhook', [signedHeaders(site, body), `${body} `])).rejects.toThrow('invalid signature')
}

/** What comes with a webhook. */
function signedHeaders({ server: { app } }: Site, body: string): Record<string, string> {
  return { 'X-Pusher-Key': app.key, 'X-Pusher-Signature': hmac(app.secret, body) }
}
