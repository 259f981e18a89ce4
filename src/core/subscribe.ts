/** Coming to a channel and leaving it. */
import { channelKind, channelNameFault } from '../protocol/channel-name.ts'
import { PusherError, SubscriptionError, unauthorized } from '../protocol/errors.ts'
import * as frames from '../protocol/frames.ts'
import { type Member, parseMember } from '../protocol/member.ts'
import type { Message } from '../protocol/message.ts'
import { verifyChannel } from '../protocol/signature.ts'
import type { Channel } from './channel.ts'
import type { Effect } from './effect.ts'
import type { Change } from './members.ts'
import type { Socket } from './socket.ts'
import { occupyChannel, type State, vacateChannel } from './state.ts'

type Subscribe = Extract<Message, { type: 'subscribe' }>

/**
 * The others hear of a new member before the socket hears that it is in. A socket that is already subscribed is answered
 * again, and its channel_data replaced.
 *
 * @throws SubscriptionError when it is refused; then nothing has changed
 */
export function subscribe(state: State, socket: Socket, request: Subscribe, effects: Effect[]): void {
  const member = admit(socket, request)
  const channel = occupyChannel(state, socket.app.id, request.channel, effects)
  channel.subscribers.add(socket.id)
  socket.subscriptions.set(channel.name, channel)
  if (member !== undefined) announce(channel, channel.members.join(socket.id, member), socket.id, effects)
  effects.push({ type: 'join', socketId: socket.id, topic: channel.topic })
  send(socket, frames.subscriptionSucceeded(channel.name, channel.kind.presence ? channel.members.snapshot() : '{}'), effects)
  if (channel.kind.cache) send(socket, channel.lastEvent ?? frames.cacheMiss(channel.name), effects)
}

/** Says nothing to the socket, also when it was not there. */
export function unsubscribe(state: State, socket: Socket, name: string, effects: Effect[]): void {
  const channel = socket.subscriptions.get(name)
  if (channel === undefined) return
  socket.subscriptions.delete(name)
  effects.push({ type: 'leave', socketId: socket.id, topic: channel.topic })
  depart(state, socket, channel, effects)
}

/** Takes a socket that is going away off all its channels. */
export function unsubscribeAll(state: State, socket: Socket, effects: Effect[]): void {
  for (const channel of socket.subscriptions.values()) {
    effects.push({ type: 'leave', socketId: socket.id, topic: channel.topic })
    depart(state, socket, channel, effects)
  }
  socket.subscriptions.clear()
}

/** The presence member that the socket will be; undefined off presence channels. */
function admit(socket: Socket, { channel, auth, channelData }: Subscribe): Member | undefined {
  const fault = channelNameFault(channel)
  if (fault !== undefined) throw new SubscriptionError(new PusherError(4200, fault), channel, 400)
  const kind = channelKind(channel)
  if (!kind.private) return undefined
  if (auth === undefined || !verifyChannel(socket.app, socket.id, channel, channelData, auth)) {
    throw new SubscriptionError(unauthorized(), channel, 401)
  }
  if (!kind.presence) return undefined
  try {
    return parseMember(channelData ?? '{}')
  } catch (error) {
    throw new SubscriptionError(error as PusherError, channel, 400)
  }
}

function depart(state: State, socket: Socket, channel: Channel, effects: Effect[]): void {
  channel.subscribers.delete(socket.id)
  announce(channel, channel.members.leave(socket.id), socket.id, effects)
  vacateChannel(state, channel, effects)
}

function announce(channel: Channel, { added, removed }: Change, exceptSocketId: string, effects: Effect[]): void {
  const tell = (frame: string) => effects.push({ type: 'broadcast', topic: channel.topic, frame, exceptSocketId })
  if (removed !== undefined) tell(frames.memberRemoved(channel.name, removed))
  if (added !== undefined) tell(frames.memberAdded(channel.name, added))
}

function send(socket: Socket, frame: string, effects: Effect[]): void {
  effects.push({ type: 'send', socketId: socket.id, frame })
}
