/** Sends the clients of this node who has joined and left a presence channel, on whatever node. */
import * as frames from '../protocol/frames.ts'
import type { Member } from '../protocol/member.ts'
import type { Change } from './announcements.ts'
import type { Channel } from './channel.ts'
import type { Effect } from './effect.ts'
import type { State } from './state.ts'

/** What `Members` returns. @param exceptSocketId the socket that has joined or left, if it is one of this node */
export function announce(
  state: State,
  channel: Channel,
  change: Change<Member>,
  exceptSocketId: string | undefined,
  effects: Effect[],
): void {
  if (!channel.members.areSettled) state.unsettledChannels.add(channel)
  for (const frame of framesOf(channel, change)) {
    effects.push({ type: 'broadcast', topic: channel.topic, frame, exceptSocketId, everywhere: false })
  }
}

/** Announces what was held, where the window is over. */
export function settleMembers(state: State, nowMs: number, effects: Effect[]): void {
  for (const channel of state.unsettledChannels) {
    for (const change of channel.members.settle(nowMs)) {
      if (change.added === undefined) announce(state, channel, change, undefined, effects)
      else announceAnew(channel, change, change.added, effects)
    }
    if (channel.members.areSettled) state.unsettledChannels.delete(channel)
  }
}

/** To all but the sockets of the user itself, which it has on this node: a client must not be sent that its own user has left. */
function announceAnew(channel: Channel, change: Change<Member>, { key }: Member, effects: Effect[]): void {
  const own = new Set(channel.members.socketsOf(key))
  for (const frame of framesOf(channel, change)) {
    for (const socketId of channel.subscribers) if (!own.has(socketId)) effects.push({ type: 'send', socketId, frame })
  }
}

function framesOf({ name }: Channel, { added, removed }: Change<Member>): string[] {
  return [
    ...(removed === undefined ? [] : [frames.memberRemoved(name, removed)]),
    ...(added === undefined ? [] : [frames.memberAdded(name, added)]),
  ]
}
