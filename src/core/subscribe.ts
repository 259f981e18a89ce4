/** Subscribes a socket to a channel, and unsubscribes it. */
import { type ChannelKind, channelKind, channelNameFault, userOfChannel } from '../protocol/channel-name.ts'
import { PusherError, SubscriptionError, unauthorized } from '../protocol/errors.ts'
import * as frames from '../protocol/frames.ts'
import { type Member, parseMember } from '../protocol/member.ts'
import type { Message } from '../protocol/message.ts'
import { verifyChannel } from '../protocol/signature.ts'
import { memberOf } from '../protocol/user.ts'
import { purgeRemovedApps } from './apps.ts'
import type { Channel } from './channel.ts'
import { subscriptionBytes } from './connection-state.ts'
import type { Effect } from './effect.ts'
import { refusalOf, rejectMessage } from './error-effects.ts'
import { lastEvent } from './last-events.ts'
import type { Unsubscribe } from './pending-unsubscribes.ts'
import { broadcastChange } from './presence.ts'
import type { Socket } from './socket.ts'
import { findOrMakeChannel, removeIfEmpty, replicate, type State } from './state.ts'
import { countChanged } from './subscription-count.ts'
import { enforceLimits } from './subscription-limits.ts'

type Subscribe = Extract<Message, { type: 'subscribe' }>

/**
 * Subscribes a socket. One that is subscribed already is answered again, and its `channel_data` replaced; where answers are long, within
 * the allowance of `resubscriptions.ts`.
 *
 * @throws SubscriptionError when the subscription is refused; then nothing has changed
 */
export function subscribe(state: State, socket: Socket, request: Subscribe, nowMs: number, effects: Effect[]): void {
  const { channel } = request
  const member = authorize(socket, request)
  enforceLimits(state, socket, channel, member)
  if (!isCostlyRepeat(state, socket, channel, nowMs)) {
    addSubscription(state, socket, channel, member, nowMs, effects)
  } else if (state.resubscriptions.admit(socket, channel, member, nowMs)) {
    repeatSubscription(state, socket, channel, member, nowMs, effects)
  } else {
    effects.push(refusalOf(socket, 'subscription-repeat', channel))
  }
}

/** Completes the subscriptions that were delayed. One that exceeds a limit by now is refused. */
export function subscribeDelayed(state: State, nowMs: number, effects: Effect[]): void {
  for (const { socketId, channel, member } of state.resubscriptions.due(nowMs)) {
    const socket = state.sockets.get(socketId)!
    try {
      enforceLimits(state, socket, channel, member)
      repeatSubscription(state, socket, channel, member, nowMs, effects)
    } catch (error) {
      rejectMessage(socket, error, effects)
    }
  }
}

/** Whether a socket subscribes again to a channel on which the answer can be long. */
function isCostlyRepeat(state: State, socket: Socket, name: string, nowMs: number): boolean {
  if (!isCostly(channelKind(name))) return false
  return socket.subscriptions.has(name) || state.resubscriptions.isRepeat(socket.id, name, nowMs)
}

/** Whether a subscription is answered with a list of members, or with an event. */
function isCostly({ presence, cache }: ChannelKind): boolean {
  return presence || cache
}

/** Subscribes a socket again, and charges it for the bytes that it and the other subscribers are sent. */
function repeatSubscription(
  state: State,
  socket: Socket,
  name: string,
  member: Member | undefined,
  nowMs: number,
  effects: Effect[],
): void {
  const before = effects.length
  addSubscription(state, socket, name, member, nowMs, effects)
  const subscribers = socket.subscriptions.get(name)!.localSubscribers.size
  let bytes = 0
  for (const effect of effects.slice(before)) {
    if (effect.type === 'send') bytes += Buffer.byteLength(effect.frame)
    else if (effect.type === 'broadcast') bytes += Buffer.byteLength(effect.frame) * subscribers
  }
  state.resubscriptions.charge(socket.id, bytes)
}

/** Adds a socket to a channel. The others are sent `member_added` before the socket is sent `subscription_succeeded`. */
function addSubscription(
  state: State,
  socket: Socket,
  name: string,
  member: Member | undefined,
  nowMs: number,
  effects: Effect[],
): void {
  const isNew = !socket.subscriptions.has(name)
  const channel = findOrMakeChannel(state, socket.app.id, name)
  const dataBefore = channel.members.bytesOf(socket.id)
  if (channel.localSubscribers.size === 0) notify('channel_created', channel, effects)
  channel.localSubscribers.add(socket.id)
  socket.subscriptions.add(channel)
  if (isNew) replicateCount(state, channel, effects)
  if (member !== undefined) joinMember(state, socket, channel, member, nowMs, effects)
  socket.stateBytes += (isNew ? subscriptionBytes(name) : 0) + channel.members.bytesOf(socket.id) - dataBefore
  effects.push({ type: 'subscribe', socketId: socket.id, topic: channel.topic })
  send(socket, succeededFrame(channel), effects)
  if (channel.kind.cache) {
    send(socket, lastEvent(state, socket.app.id, channel.name, nowMs) ?? frames.cacheMiss(channel.name), effects)
  }
  if (isNew) countChanged(state, socket.app, channel, nowMs, effects)
}

/** Unsubscribes a socket, which is sent nothing, and may not be subscribed. */
export function unsubscribe(state: State, socket: Socket, name: string, nowMs: number, effects: Effect[]): void {
  const channel = socket.subscriptions.get(name)
  state.resubscriptions.cancel(socket.id, name)
  if (channel === undefined) return
  if (isCostly(channel.kind)) state.resubscriptions.unsubscribed(socket.id, name, nowMs)
  socket.subscriptions.delete(name)
  socket.stateBytes -= subscriptionBytes(name) + channel.members.bytesOf(socket.id)
  effects.push({ type: 'unsubscribe', socketId: socket.id, topic: channel.topic })
  removeSubscriber(state, socket, channel, nowMs, effects)
}

/** Unsubscribes a socket that has disconnected from all its channels: at once, if that is not too much for one turn. */
export function unsubscribeAll(state: State, socket: Socket, nowMs: number, effects: Effect[]): void {
  state.resubscriptions.remove(socket.id)
  state.pendingUnsubscribes.add(socket)
  unsubscribeEach(state, state.pendingUnsubscribes.immediate(nowMs), nowMs, effects)
}

/** Does one turn of what `unsubscribeAll` has left. */
export function continueUnsubscribing(state: State, nowMs: number, effects: Effect[]): void {
  unsubscribeEach(state, state.pendingUnsubscribes.turn(), nowMs, effects)
}

function unsubscribeEach(state: State, unsubscribes: Iterable<Unsubscribe>, nowMs: number, effects: Effect[]): void {
  for (const { socket, channel } of unsubscribes) {
    effects.push({ type: 'unsubscribe', socketId: socket.id, topic: channel.topic })
    removeSubscriber(state, socket, channel, nowMs, effects)
  }
  purgeRemovedApps(state)
}

/** Removes all channels, and with them every subscription of this node. */
export function removeAllChannels(state: State, effects: Effect[]): void {
  for (const channels of state.channels.values()) {
    for (const channel of channels.values()) if (channel.localSubscribers.size > 0) notify('channel_removed', channel, effects)
  }
  state.channels.clear()
  state.pendingCounts.clear()
  state.unsettledChannels.clear()
}

/**
 * Verifies that a socket may subscribe. A signature covers UTF-8, in which all lone surrogates are the same: the signature for one name
 * must not authorize another.
 *
 * @returns the presence member that the socket will be; undefined for other channels
 */
function authorize(socket: Socket, { channel, auth, channelData }: Subscribe): Member | undefined {
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

function succeededFrame({ name, kind, members }: Channel): string {
  return kind.presence ? frames.presenceSucceeded(name, members.snapshot()) : frames.subscriptionSucceeded(name)
}

function removeSubscriber(state: State, socket: Socket, channel: Channel, nowMs: number, effects: Effect[]): void {
  channel.localSubscribers.delete(socket.id)
  replicateCount(state, channel, effects)
  const member = channel.members.memberOf(socket.id)
  broadcastChange(state, channel, channel.members.leave(socket.id, nowMs), socket.id, effects)
  if (member !== undefined) replicateMember(state, channel, member, effects)
  if (channel.localSubscribers.size === 0) notify('channel_removed', channel, effects)
  else countChanged(state, socket.app, channel, nowMs, effects)
  removeIfEmpty(state, channel)
}

/** Joins a member. A socket that was another user until now leaves as that user. */
function joinMember(state: State, socket: Socket, channel: Channel, member: Member, nowMs: number, effects: Effect[]): void {
  const before = channel.members.memberOf(socket.id)
  broadcastChange(state, channel, channel.members.join(socket.id, member, nowMs), socket.id, effects)
  if (before !== undefined && before.key !== member.key) replicateMember(state, channel, before, effects)
  replicateMember(state, channel, member, effects)
}

/** Replicates whether a user is on the channel, on this node. */
function replicateMember(state: State, { appId, name, members }: Channel, member: Member, effects: Effect[]): void {
  const isHere = members.socketsOf(member.key).length > 0
  replicate(state, { kind: 'member', appId, channel: name, key: member.key, member: isHere ? member : undefined }, effects)
}

function replicateCount(state: State, { appId, name, localSubscribers }: Channel, effects: Effect[]): void {
  replicate(state, { kind: 'subscriptions', appId, channel: name, count: localSubscribers.size }, effects)
}

/** Informs listeners that this node has the first subscriber of a channel, or has lost the last one. */
function notify(event: 'channel_created' | 'channel_removed', { appId, name }: Channel, effects: Effect[]): void {
  effects.push({ type: 'notify', notice: { event, appId, channel: name } })
}

function send(socket: Socket, frame: string, effects: Effect[]): void {
  effects.push({ type: 'send', socketId: socket.id, frame })
}
