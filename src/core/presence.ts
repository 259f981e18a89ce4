/** Broadcasts to the subscribers of this node who has joined or left a presence channel, on any node. */
import * as frames from '../protocol/frames.ts'
import type { Member } from '../protocol/member.ts'
import type { Change } from './announcements.ts'
import type { Channel } from './channel.ts'
import type { Effect } from './effect.ts'
import type { State } from './state.ts'

/**
 * Broadcasts a change of the members of a channel.
 *
 * @param exceptSocketId the socket that has joined or left, if it is one of this node
 */
export function broadcastChange(
  state: State,
  channel: Channel,
  change: Change<Member>,
  exceptSocketId: string | undefined,
  effects: Effect[],
): void {
  if (!channel.members.areSettled) state.unsettledChannels.add(channel)
  const broadcast = (frame: string) =>
    effects.push({ type: 'broadcast', topic: channel.topic, frame, exceptSocketId, scope: 'node' })
  if (change.removed !== undefined) broadcast(frames.memberRemoved(channel.name, change.removed))
  if (change.added !== undefined) broadcast(frames.memberAdded(channel.name, change.added))
}

/** Broadcasts the changes that were deferred, where their window is over. */
export function broadcastDeferredChanges(state: State, nowMs: number, effects: Effect[]): void {
  for (const channel of state.unsettledChannels) {
    for (const change of channel.members.endWindows(nowMs)) {
      if (change.added === undefined) broadcastChange(state, channel, change, undefined, effects)
      else sendReplaced(channel, change.removed, change.added, effects)
    }
    if (channel.members.areSettled) state.unsettledChannels.delete(channel)
  }
}

/** Sends a user that has changed to all subscribers but its own sockets: a client must not be sent that its own user has left. */
function sendReplaced({ name, members, localSubscribers }: Channel, removed: Member, added: Member, effects: Effect[]): void {
  const own = new Set(members.socketsOf(added.key))
  for (const frame of [frames.memberRemoved(name, removed), frames.memberAdded(name, added)]) {
    for (const socketId of localSubscribers) if (!own.has(socketId)) effects.push({ type: 'send', socketId, frame })
  }
}
