/** Messages of clients: valid ones, odd ones with a valid signature, and mutated ones. */

import type { Random } from '../support/random.ts'
import { channelAuth, userAuth } from '../support/sign.ts'
import { channelNames, type FuzzApp, userIds } from './apps.ts'
import { mutateJson, mutateText, oddJson, oddText } from './mutate.ts'

export type Sender = { readonly app: FuzzApp; readonly socketId: string }

export function message(random: Random, sender: Sender): string {
  const sent = random.pick([subscribe, subscribe, subscribe, unsubscribe, clientEvent, clientEvent, signIn, other])(
    random,
    sender,
  )
  if (random.chance(0.6)) return JSON.stringify(sent)
  return random.chance(0.5) ? JSON.stringify(mutateJson(random, sent)) : mutateText(random, JSON.stringify(sent))
}

function channelName(random: Random): string {
  const name = random.pick(channelNames)
  return random.chance(0.1) ? mutateText(random, name) : name
}

function subscribe(random: Random, { app, socketId }: Sender): object {
  const channel = channelName(random)
  const channel_data = random.chance(0.5) || channel.startsWith('presence-') ? memberData(random, app) : undefined
  const data = { channel, auth: channelAuth(app, socketId, channel, channel_data), channel_data }
  return { event: 'pusher:subscribe', data: random.chance(0.2) ? JSON.stringify(data) : data }
}

function memberData(random: Random, { mark }: FuzzApp): string {
  const member = { user_id: random.pick<unknown>([...userIds, 5, 1e21]), user_info: { mark, odd: oddJson(random, 1) } }
  return odd(random, member)
}

function unsubscribe(random: Random): object {
  return { event: 'pusher:unsubscribe', data: { channel: channelName(random) } }
}

function clientEvent(random: Random, { app }: Sender): object {
  const event = `client-${random.chance(0.1) ? oddText(random) : 'x'}`
  return { event, channel: channelName(random), data: { mark: app.mark, odd: oddJson(random, 1) } }
}

function signIn(random: Random, { app, socketId }: Sender): object {
  const user = { id: random.pick(userIds), mark: app.mark, watchlist: random.several(4, () => random.pick(userIds)) }
  const user_data = odd(random, user)
  return { event: 'pusher:signin', data: { auth: userAuth(app, socketId, user_data), user_data } }
}

function other(random: Random, { app }: Sender): object {
  const event = random.pick([
    'pusher:ping',
    'pusher:pong',
    'pusher:error',
    'pusher_internal:member_added',
    'event',
    oddText(random),
  ])
  return { event, channel: channelName(random), data: app.mark }
}

/** Mostly the data that an application would sign. */
function odd(random: Random, value: object): string {
  if (random.chance(0.8)) return JSON.stringify(value)
  return random.chance(0.5) ? JSON.stringify(mutateJson(random, value)) : mutateText(random, JSON.stringify(value))
}
