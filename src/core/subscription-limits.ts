/** The limits of an app, and the bound of one connection, that a subscription must not exceed. */
import { exceedsBytes } from '../protocol/bytes.ts'
import { channelKind, userChannel } from '../protocol/channel-name.ts'
import { overLimit } from '../protocol/errors.ts'
import type { Member } from '../protocol/member.ts'
import { hasRoom, memberBytes, subscriptionBytes, tooManyChannels } from './connection-state.ts'
import type { Members } from './members.ts'
import type { Socket } from './socket.ts'
import { findChannel, type State } from './state.ts'

/** @throws SubscriptionError when a subscription would exceed a limit of its app, or the bound of one connection */
export function enforceLimits(state: State, socket: Socket, name: string, member: Member | undefined): void {
  enforceBound(state, socket, name, member)
  const { channelsPerSocket, presenceMembers, presenceUserInfoBytes } = socket.app.limits
  const waiting = state.resubscriptions.waitingOf(socket.id)
  // The sum is compared first: an exact count takes as long as many wait, and where there is no limit that may be thousands.
  const isNearLimit = socket.subscriptions.size + waiting.size >= channelsPerSocket
  if (isNearLimit && isOneMore(socket, waiting, name) && countedChannels(socket, waiting) >= channelsPerSocket)
    throw overLimit(`A connection can be on ${channelsPerSocket} channels at most.`, name)
  if (member === undefined) return
  if (exceedsBytes(member.infoJson ?? '', presenceUserInfoBytes))
    throw overLimit(`The user_info of a member can have ${presenceUserInfoBytes} bytes at most.`, name)
  const members = findChannel(state, socket.app.id, name)?.members
  if (members !== undefined && members.count >= presenceMembers && isFull(state, members, socket, member.key))
    throw overLimit(`The channel is full: it can have ${presenceMembers} members at most.`, name)
}

/** Whether a channel with as many members as its app allows has no place for a user. A user whose sockets have all disconnected takes none. */
function isFull(state: State, members: Members, socket: Socket, key: string): boolean {
  const { presenceMembers } = socket.app.limits
  // Nearly always every socket that has disconnected is unsubscribed already, so that the members need not be counted one by one.
  if (state.pendingUnsubscribes.isEmpty)
    return !members.has(key) && members.count - (members.isLast(socket.id) ? 1 : 0) >= presenceMembers
  const isConnected = (socketId: string) => state.sockets.has(socketId)
  if (members.hasWith(key, isConnected)) return false
  return members.countWith(socketId => socketId !== socket.id && isConnected(socketId)) >= presenceMembers
}

/** What the socket has of the channel already is replaced, and not counted twice. */
function enforceBound(state: State, socket: Socket, name: string, member: Member | undefined): void {
  const channel = socket.subscriptions.get(name)
  const more =
    channel === undefined
      ? subscriptionBytes(name) + memberBytes(member)
      : memberBytes(member) - channel.members.bytesOf(socket.id)
  if (!hasRoom(socket, state.resubscriptions.waitingBytesOf(socket.id, name), more)) throw tooManyChannels(name)
}

/** The channels for which a socket waits count like those to which it is subscribed: it cannot wait for any number of them. */
type Waiting = ReadonlyMap<string, unknown>

function isOneMore({ subscriptions }: Socket, waiting: Waiting, name: string): boolean {
  return !subscriptions.has(name) && !waiting.has(name) && !channelKind(name).user
}

/** The channel of its own that a signed-in user has does not count. */
function countedChannels({ subscriptions, user }: Socket, waiting: Waiting): number {
  let count = subscriptions.size
  if (user !== undefined && subscriptions.has(userChannel(user.id))) count--
  for (const name of waiting.keys()) if (!subscriptions.has(name)) count++
  return count
}
