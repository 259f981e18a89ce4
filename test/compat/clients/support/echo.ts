/** Laravel Echo, set up for Reverb as applications do. */
import Echo from 'laravel-echo'
import Pusher from 'pusher-js'
import { headersOf, type User } from '../../../support/clients/backend.ts'
import { reached } from '../../../support/clients/event-queue.ts'
import type { Testbed } from '../../../support/clients/testbed.ts'
import { Queue } from '../../../support/queue.ts'

export type ReverbEcho = Echo<'reverb'>

/** Connected. `user` is whom the application takes it for. */
export async function connectEcho(testbed: Testbed, user?: User): Promise<ReverbEcho> {
  const headers = headersOf(user)
  const echo = new Echo({
    broadcaster: 'reverb',
    Pusher,
    key: testbed.server.app.key,
    wsHost: '127.0.0.1',
    wsPort: testbed.server.port,
    wssPort: testbed.server.port,
    forceTLS: false,
    enabledTransports: ['ws', 'wss'],
    authEndpoint: testbed.backend.channelEndpoint,
    auth: { headers },
    userAuthentication: { transport: 'ajax', endpoint: testbed.backend.userEndpoint, headers },
  })
  testbed.disconnectAtEnd(echo)
  await reached(echo.connector.pusher, 'connected')
  return echo
}

/** A listener, and what it is called with. */
export function listener(): { listen: (told: unknown) => void; events: Queue<unknown> } {
  const events = new Queue<unknown>()
  return { listen: told => events.add(told), events }
}

type Subscribing = {
  subscription: { subscribed: boolean }
  subscribed(callback: CallableFunction): unknown
  error(callback: CallableFunction): unknown
}

/** Resolves once the channels are subscribed. @throws what `error()` is told */
export function subscribed(...channels: Subscribing[]): Promise<unknown> {
  const settled = (channel: Subscribing) =>
    new Promise<unknown>((resolve, reject) => {
      if (channel.subscription.subscribed) return resolve(undefined)
      channel.subscribed(resolve)
      channel.error(reject)
    })
  return Promise.all(channels.map(settled))
}
