/** The methods of pusher-http-php that sign and verify; real clients send its signatures to the server. */
import { expect } from 'bun:test'
import type { PresenceChannel } from 'pusher-js'
import { reached, signedIn, subscribed } from '../../../support/clients/event-queue.ts'
import type { Testbed } from '../../../support/clients/testbed.ts'
import { hmac } from '../../../support/sign.ts'
import { type Case, pusherPhp } from './php.ts'

export function authorizes(method: string): Case {
  return async testbed => {
    const client = await testbed.connect(undefined, {
      channelAuthorization: {
        customHandler: async ({ channelName, socketId }, done) =>
          done(null, JSON.parse(await pusherPhp(testbed, method, [channelName, socketId]))),
      },
    })
    await subscribed(client, 'private-room')
    const { events } = await subscribed(client, 'private-encrypted-room')
    await testbed.sdk.trigger('private-encrypted-room', 'told', { pin: 4711 })
    expect(await events.next()).toEqual(['told', { pin: 4711 }])
  }
}

export function authorizesMember(method: string): Case {
  return async testbed => {
    const client = await testbed.connect(undefined, {
      channelAuthorization: {
        customHandler: async ({ channelName, socketId }, done) =>
          done(null, JSON.parse(await pusherPhp(testbed, method, [channelName, socketId, 'ann', { name: 'Ann' }]))),
      },
    })
    const { channel } = await subscribed<PresenceChannel>(client, 'presence-room')
    expect(channel.members.me).toEqual({ id: 'ann', info: { name: 'Ann' } })
  }
}

export function verifies(method: string): Case {
  return async testbed => {
    const body = '{"time_ms":1,"events":[]}'
    expect(await pusherPhp(testbed, method, [signedHeaders(testbed, body), body])).toBeNull()
    const forged = { ...signedHeaders(testbed, body), 'X-Pusher-Signature': hmac('guessed', body) }
    await expect(pusherPhp(testbed, method, [forged, body])).rejects.toThrow('invalid signature')
  }
}

/** An id may be a number, as Laravel's `$user->id` is. */
export const authenticatesUser: Case = async testbed => {
  for (const id of ['ann', 7, Number.MAX_SAFE_INTEGER]) {
    const client = await testbed.connect(undefined, {
      userAuthentication: {
        customHandler: async ({ socketId }, done) =>
          done(null, JSON.parse(await pusherPhp(testbed, 'authenticateUser', [socketId, { id, watchlist: [8] }]))),
      },
      channelAuthorization: {
        customHandler: async ({ socketId, channelName }, done) =>
          done(null, JSON.parse(await pusherPhp(testbed, 'authorizeChannel', [channelName, socketId]))),
      },
    })
    const events = await signedIn(client)
    expect(client.user.user_data.id).toBe(String(id))
    await pusherPhp(testbed, 'sendToUser', [String(id), 'paid', { euro: 3 }])
    expect(await events.next()).toEqual(['paid', { euro: 3 }])
    const { channel } = await subscribed<PresenceChannel>(client, 'presence-room')
    expect(channel.members.me.id).toBe(String(id))
    await pusherPhp(testbed, 'terminateUserConnections', [String(id)])
    await reached(client, 'disconnected')
  }
}

export const readsWebhook: Case = async testbed => {
  const body = JSON.stringify({ time_ms: 1_700_000_000_000, events: [{ name: 'channel_occupied', channel: 'room' }] })
  expect(await pusherPhp(testbed, 'webhook', [signedHeaders(testbed, body), body])).toEqual(JSON.parse(body))
  await expect(pusherPhp(testbed, 'webhook', [signedHeaders(testbed, body), `${body} `])).rejects.toThrow('invalid signature')
}

/** The headers of a webhook. */
function signedHeaders({ server: { app } }: Testbed, body: string): Record<string, string> {
  return { 'X-Pusher-Key': app.key, 'X-Pusher-Signature': hmac(app.secret, body) }
}
