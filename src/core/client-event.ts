/** Events from one client to the others ("whispers"). */
import { channelKind } from '../protocol/channel-name.ts'
import { clientEventsOff, notAMember } from '../protocol/errors.ts'
import * as frames from '../protocol/frames.ts'
import type { Message } from '../protocol/message.ts'
import { topicOf } from './channel.ts'
import type { Effect } from './effect.ts'
import type { Socket } from './socket.ts'

type ClientEvent = Extract<Message, { type: 'client-event' }>

/**
 * To every other subscriber of the channel, never to the sender. The frame is built anew: who sent it is what the
 * application has signed, not what the client says.
 *
 * @throws PusherError when the app takes none, or none from this socket
 */
export function clientEvent(socket: Socket, { event, channel: name, data }: ClientEvent, effects: Effect[]): void {
  if (socket.app.clientEventsFrom === 'nobody') throw clientEventsOff()
  const channel = socket.subscriptions.get(name)
  const open = socket.app.clientEventsFrom === 'all' && !channelKind(name).private
  if (channel === undefined && !open) throw notAMember()
  const frame = frames.clientEvent(event, name, data, channel?.members.of(socket.id)?.idJson)
  effects.push({ type: 'broadcast', topic: topicOf(socket.app.id, name), frame, exceptSocketId: socket.id })
}
