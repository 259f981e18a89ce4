import { expect, test } from 'bun:test'
import Pusher from 'pusher'
import { app } from '../../load/app.ts'
import { subscriptionAuth } from '../../load/signature.ts'

const pusher = new Pusher({ appId: app.id, key: app.key, secret: app.secret, host: '127.0.0.1' })

test('a subscription to a private channel is signed as the library pusher signs it', () => {
  expect(subscriptionAuth(app, '1.2', 'private-room')).toBe(pusher.authorizeChannel('1.2', 'private-room').auth)
})

test('a subscription to a presence channel is signed with its member', () => {
  const member = { user_id: 'ann' }
  const { auth, channel_data } = pusher.authorizeChannel('1.2', 'presence-room', member)
  expect(subscriptionAuth(app, '1.2', 'presence-room', channel_data)).toBe(auth)
})
