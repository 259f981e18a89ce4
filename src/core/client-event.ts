/** Events from one client to the others ("whispers"). */
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
import { unanswered } from './error-effects.ts'
import { admit, isFirstRefusal, newWindow } from './rate-limit.ts'
import type { Socket } from './socket.ts'

type ClientEvent = Extract<Message, { type: 'client-event' }>

/**
 * To every other subscriber of the channel, never to the sender. The frame is built anew: who sent it is what the
 * application has signed, not what the client says.
 *
 * @throws PusherError when the app takes none, or none of this kind, or none from this socket, or not so many: then once a second
 */
export function clientEvent(socket: Socket, { event, channel: name, data }: ClientEvent, nowMs: number, effects: Effect[]): void {
  const { app } = socket
  if (app.clientEventsFrom === 'nobody') throw clientEventsOff(name)
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
    effects.push(unanswered(socket, 'client-event-rate', name))
    return
  }
  const frame = frames.clientEvent(event, name, data, channel?.members.of(socket.id)?.idJson)
  effects.push({ type: 'broadcast', topic: topicOf(app.id, name), frame, exceptSocketId: socket.id, everywhere: true })
}
