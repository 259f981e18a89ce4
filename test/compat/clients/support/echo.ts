/** Laravel Echo, set up for Reverb as applications do. */
import Echo from 'laravel-echo'
import Pusher from 'pusher-js'
import { Queue } from '../../../support/queue.ts'
import { headersOf, type User } from './backend.ts'
import { reached } from './heard.ts'
import type { Site } from './site.ts'

export type ReverbEcho = Echo<'reverb'>

/** Connected. `user` is whom the application takes it for. */
export async function connectEcho(site: Site, user?: User): Promise<ReverbEcho> {
  const headers = headersOf(user)
  const echo = new Echo({
    broadcaster: 'reverb',
    Pusher,
    key: site.server.app.key,
    wsHost: '127.0.0.1',
    wsPort: site.server.port,
    wssPort: site.server.port,
    forceTLS: false,
    enabledTransports: ['ws', 'wss'],
    authEndpoint: site.backend.channelEndpoint,
    auth: { headers },
    userAuthentication: { transport: 'ajax', endpoint: site.backend.userEndpoint, headers },
  })
  site.leaves(echo)
  await reached(echo.connector.pusher, 'connected')
  return echo
}

/** A listener, and what it is called with. */
export function listener(): { listen: (told: unknown) => void; heard: Queue<unknown> } {
  const heard = new Queue<unknown>()
  return { listen: told => heard.add(told), heard }
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
