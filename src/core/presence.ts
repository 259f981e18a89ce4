/** Announces to the clients of this node who has joined and left a presence channel, on any node. */
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
  const broadcast = (frame: string) =>
    effects.push({ type: 'broadcast', topic: channel.topic, frame, exceptSocketId, everywhere: false })
  if (change.removed !== undefined) broadcast(frames.memberRemoved(channel.name, change.removed))
  if (change.added !== undefined) broadcast(frames.memberAdded(channel.name, change.added))
}

/** Announces the changes that were held, where the window is over. */
export function settleMembers(state: State, nowMs: number, effects: Effect[]): void {
  for (const channel of state.unsettledChannels) {
    for (const change of channel.members.settle(nowMs)) {
      if (change.added === undefined) announce(state, channel, change, undefined, effects)
      else announceAnew(channel, change.removed, change.added, effects)
    }
    if (channel.members.areSettled) state.unsettledChannels.delete(channel)
  }
}

/** To all but the sockets of the user itself, which it has on this node: a client must not be sent that its own user has left. */
function announceAnew({ name, members, subscribers }: Channel, removed: Member, added: Member, effects: Effect[]): void {
  const own = new Set(members.socketsOf(added.key))
  for (const frame of [frames.memberRemoved(name, removed), frames.memberAdded(name, added)]) {
    for (const socketId of subscribers) if (!own.has(socketId)) effects.push({ type: 'send', socketId, frame })
  }
}
