/** The sockets of a user on this node. */
import type { App } from './app.ts'
import type { Socket } from './socket.ts'
import { channelsOf, type State, usersOf } from './state.ts'

/** The sockets that are signed in as a user, are on a presence channel as that user, or wait to join one. `userId` is its id as text. */
export function socketsOfUser(state: State, app: App, userId: string): Socket[] {
  const ids = new Set([...usersOf(state, app.id).socketsOf(userId), ...state.resubscriptions.socketsOf(userId)])
  for (const { kind, members } of channelsOf(state, app.id).values()) {
    if (kind.presence) for (const socketId of members.socketsOf(userId)) ids.add(socketId)
  }
  const sockets: Socket[] = []
  for (const socketId of ids) {
    // A socket that has disconnected can be on a channel for a moment, and one that waits may belong to another app.
    const socket = state.sockets.get(socketId)
    if (socket?.app.id === app.id) sockets.push(socket)
  }
  return sockets
}
