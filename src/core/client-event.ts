/** Client events: from one client to the other subscribers of a channel. Laravel Echo calls them whispers. */
import { channelKind } from '../protocol/channel-name.ts'
import {
  clientEventNameTooLong,
  clientEventsOff,
  clientEventsOfUsersOff,
  notAMember,
  tooManyClientEvents,
} from '../protocol/errors.ts'
import * as frames from '../protocol/frames.ts'
import type { Message } from '../protocol/message.ts'
import { topicOf } from './channel.ts'
import type { Effect } from './effect.ts'
import { refusalOf } from './error-effects.ts'
import { admit, isFirstRefusal, newWindow } from './rate-limit.ts'
import type { Socket } from './socket.ts'

type ClientEvent = Extract<Message, { type: 'client-event' }>

/**
 * Broadcasts an event of a client to the other subscribers. The frame is built anew, with the `user_id` that the application has signed
 * in place of any that the client sends.
 *
 * @throws PusherError when the app accepts no client events, or none on this channel, from this socket or of this name; and for the
 * first one in a second that exceeds the rate
 */
export function clientEvent(socket: Socket, { event, channel: name, data }: ClientEvent, nowMs: number, effects: Effect[]): void {
  const { app } = socket
  if (app.clientEventsFrom === 'none') throw clientEventsOff(name)
  const kind = channelKind(name)
  const channel = socket.subscriptions.get(name)
  const isOpen = app.clientEventsFrom === 'all' && !kind.private
  if (channel === undefined && !isOpen) throw notAMember(name)
  if (kind.user) throw clientEventsOfUsersOff(name)
  const { eventNameLength, clientEventsPerSecond } = app.limits
  if (event.length > eventNameLength) throw clientEventNameTooLong(eventNameLength, name)
  socket.clientEventRate ??= newWindow()
  if (!admit(socket.clientEventRate, { maxAttempts: clientEventsPerSecond, decaySeconds: 1 }, nowMs)) {
    if (isFirstRefusal(socket.clientEventRate)) throw tooManyClientEvents(clientEventsPerSecond, name)
    effects.push(refusalOf(socket, 'client-event-rate', name))
    return
  }
  const frame = frames.clientEvent(event, name, data, channel?.members.memberOf(socket.id)?.idJson)
  effects.push({ type: 'broadcast', topic: topicOf(app.id, name), frame, exceptSocketId: socket.id, scope: 'cluster' })
}
