/** Coming to a channel and leaving it. */
import { type ChannelKind, channelKind, channelNameFault, userOfChannel } from '../protocol/channel-name.ts'
import { PusherError, SubscriptionError, unauthorized } from '../protocol/errors.ts'
import * as frames from '../protocol/frames.ts'
import { type Member, parseMember } from '../protocol/member.ts'
import type { Message } from '../protocol/message.ts'
import { verifyChannel } from '../protocol/signature.ts'
import { memberOf } from '../protocol/user.ts'
import { forgetGoneApps } from './apps.ts'
import type { Channel } from './channel.ts'
import type { Departure } from './departures.ts'
import type { Effect } from './effect.ts'
import { complaint } from './error-effects.ts'
import { subscriptionBytes } from './kept.ts'
import { lastEvent } from './last-events.ts'
import { announce } from './presence.ts'
import type { Socket } from './socket.ts'
import { dropIfEmpty, findOrMakeChannel, replicate, type State } from './state.ts'
import { countChanged } from './subscription-count.ts'
import { enforceLimits } from './subscription-limits.ts'

type Subscribe = Extract<Message, { type: 'subscribe' }>

/**
 * A socket that is already subscribed is answered again, and its channel_data replaced; where answers are long, within
 * the allowance of `resubscriptions.ts`.
 *
 * @throws SubscriptionError when it is refused; then nothing has changed
 */
export function subscribe(state: State, socket: Socket, request: Subscribe, nowMs: number, effects: Effect[]): void {
  const { channel } = request
  const member = authorise(socket, request)
  enforceLimits(state, socket, channel, member)
  if (!isCostlyRepeat(state, socket, channel, nowMs)) {
    enter(state, socket, channel, member, nowMs, effects)
  } else if (state.resubscriptions.admit(socket, channel, member, nowMs)) {
    enterAgain(state, socket, channel, member, nowMs, effects)
  } else {
    effects.push({ type: 'refused', refusal: 'subscription-repeat', appId: socket.app.id, about: channel })
  }
}

/** Completes the subscriptions that were delayed; one that exceeds a limit by now is refused. */
export function subscribeLate(state: State, nowMs: number, effects: Effect[]): void {
  for (const { socketId, channel, member } of state.resubscriptions.due(nowMs)) {
    const socket = state.sockets.get(socketId)!
    try {
      enforceLimits(state, socket, channel, member)
      enterAgain(state, socket, channel, member, nowMs, effects)
    } catch (error) {
      effects.push(...complaint(socket, error))
    }
  }
}

/** Whether a socket subscribes again to a channel on which the answer can be long. */
function isCostlyRepeat(state: State, socket: Socket, name: string, nowMs: number): boolean {
  if (!isCostly(channelKind(name))) return false
  return socket.subscriptions.has(name) || state.resubscriptions.knows(socket.id, name, nowMs)
}

/** Whether a subscription is answered with a list, or an event. */
function isCostly({ presence, cache }: ChannelKind): boolean {
  return presence || cache
}

/** Charges the socket for the bytes that it is sent, and that the others are sent because of it. */
function enterAgain(
  state: State,
  socket: Socket,
  name: string,
  member: Member | undefined,
  nowMs: number,
  effects: Effect[],
): void {
  const before = effects.length
  enter(state, socket, name, member, nowMs, effects)
  const audience = socket.subscriptions.get(name)!.subscribers.size
  let bytes = 0
  for (const effect of effects.slice(before)) {
    if (effect.type === 'send') bytes += Buffer.byteLength(effect.frame)
    else if (effect.type === 'broadcast') bytes += Buffer.byteLength(effect.frame) * audience
  }
  state.resubscriptions.charge(socket.id, bytes)
}

/** The others are sent `member_added` before the socket is sent `subscription_succeeded`. */
function enter(state: State, socket: Socket, name: string, member: Member | undefined, nowMs: number, effects: Effect[]): void {
  const isNew = !socket.subscriptions.has(name)
  const channel = findOrMakeChannel(state, socket.app.id, name)
  const dataBefore = channel.members.bytesOf(socket.id)
  if (channel.subscribers.size === 0) notify('channel_created', channel, effects)
  channel.subscribers.add(socket.id)
  socket.subscriptions.add(channel)
  if (isNew) replicateCount(state, channel, effects)
  if (member !== undefined) join(state, socket, channel, member, nowMs, effects)
  socket.keptBytes += (isNew ? subscriptionBytes(name) : 0) + channel.members.bytesOf(socket.id) - dataBefore
  effects.push({ type: 'join', socketId: socket.id, topic: channel.topic })
  send(socket, succeeded(channel), effects)
  if (channel.kind.cache) {
    send(socket, lastEvent(state, socket.app.id, channel.name, nowMs) ?? frames.cacheMiss(channel.name), effects)
  }
  if (isNew) countChanged(state, socket.app, channel, nowMs, effects)
}

/** Says nothing to the socket, also when it was not there. */
export function unsubscribe(state: State, socket: Socket, name: string, nowMs: number, effects: Effect[]): void {
  const channel = socket.subscriptions.get(name)
  state.resubscriptions.cancel(socket.id, name)
  if (channel === undefined) return
  if (isCostly(channel.kind)) state.resubscriptions.left(socket.id, name, nowMs)
  socket.subscriptions.delete(name)
  socket.keptBytes -= subscriptionBytes(name) + channel.members.bytesOf(socket.id)
  effects.push({ type: 'leave', socketId: socket.id, topic: channel.topic })
  depart(state, socket, channel, nowMs, effects)
}

/** Takes a socket that has ended off its channels: off all of them at once, if that is not too much for one turn. */
export function unsubscribeAll(state: State, socket: Socket, nowMs: number, effects: Effect[]): void {
  state.resubscriptions.forget(socket.id)
  state.departures.add(socket)
  takeOff(state, state.departures.atOnce(nowMs), nowMs, effects)
}

/** One turn of what `unsubscribeAll` has left. */
export function unsubscribeEnded(state: State, nowMs: number, effects: Effect[]): void {
  takeOff(state, state.departures.turn(), nowMs, effects)
}

function takeOff(state: State, departures: Iterable<Departure>, nowMs: number, effects: Effect[]): void {
  for (const { socket, channel } of departures) {
    effects.push({ type: 'leave', socketId: socket.id, topic: channel.topic })
    depart(state, socket, channel, nowMs, effects)
  }
  forgetGoneApps(state)
}

/** Nobody of this node is subscribed to anything any more. */
export function removeAllChannels(state: State, effects: Effect[]): void {
  for (const channels of state.channels.values()) {
    for (const channel of channels.values()) if (channel.subscribers.size > 0) notify('channel_removed', channel, effects)
  }
  state.channels.clear()
  state.countsToTell.clear()
  state.unsettledChannels.clear()
}

/**
 * Whether the socket may come in. The presence member that it will be; undefined off presence channels. A signature covers UTF-8, in
 * which all lone surrogates are the same: the signature for one name must not open the channel of another.
 */
function authorise(socket: Socket, { channel, auth, channelData }: Subscribe): Member | undefined {
  const fault = channelNameFault(channel, socket.app.limits)
  if (fault !== undefined) throw new SubscriptionError(new PusherError(4200, 'subscription-name', fault), channel, 400)
  const kind = channelKind(channel)
  if (!kind.private) return undefined
  const holds = kind.user
    ? socket.user?.id === userOfChannel(channel)
    : auth !== undefined && channel.isWellFormed() && verifyChannel(socket.app, socket.id, channel, channelData, auth)
  if (!holds) throw new SubscriptionError(unauthorized('subscription-signature'), channel, 401)
  if (!kind.presence) return undefined
  if (channelData === undefined && socket.user !== undefined) return memberOf(socket.user)
  try {
    return parseMember(channelData ?? '{}')
  } catch (error) {
    throw new SubscriptionError(error as PusherError, channel, 400)
  }
}

function succeeded({ name, kind, members }: Channel): string {
  return kind.presence ? frames.presenceSucceeded(name, members.snapshot()) : frames.subscriptionSucceeded(name)
}

function depart(state: State, socket: Socket, channel: Channel, nowMs: number, effects: Effect[]): void {
  channel.subscribers.delete(socket.id)
  replicateCount(state, channel, effects)
  const member = channel.members.of(socket.id)
  announce(state, channel, channel.members.leave(socket.id, nowMs), socket.id, effects)
  if (member !== undefined) replicateMember(state, channel, member, effects)
  if (channel.subscribers.size === 0) notify('channel_removed', channel, effects)
  else countChanged(state, socket.app, channel, nowMs, effects)
  dropIfEmpty(state, channel)
}

/** A socket that was another user before leaves that one behind. */
function join(state: State, socket: Socket, channel: Channel, member: Member, nowMs: number, effects: Effect[]): void {
  const before = channel.members.of(socket.id)
  announce(state, channel, channel.members.join(socket.id, member, nowMs), socket.id, effects)
  if (before !== undefined && before.key !== member.key) replicateMember(state, channel, before, effects)
  replicateMember(state, channel, member, effects)
}

/** Says whether a user is on the channel, on this node. */
function replicateMember(state: State, { appId, name, members }: Channel, member: Member, effects: Effect[]): void {
  const isHere = members.socketsOf(member.key).length > 0
  replicate(state, { kind: 'member', appId, channel: name, key: member.key, member: isHere ? member : undefined }, effects)
}

function replicateCount(state: State, { appId, name, subscribers }: Channel, effects: Effect[]): void {
  replicate(state, { kind: 'subscriptions', appId, channel: name, count: subscribers.size }, effects)
}

/** Of a channel on this node, for whoever watches it. */
function notify(event: 'channel_created' | 'channel_removed', { appId, name }: Channel, effects: Effect[]): void {
  effects.push({ type: 'notify', notice: { event, appId, channel: name } })
}

function send(socket: Socket, frame: string, effects: Effect[]): void {
  effects.push({ type: 'send', socketId: socket.id, frame })
}
