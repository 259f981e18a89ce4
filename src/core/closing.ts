/** How sockets leave a node: they are removed from the state, with their subscriptions and their user, and their clients are disconnected. */
import { type Close, closes } from '../protocol/errors.ts'
import type { App } from './app.ts'
import type { Effect } from './effect.ts'
import { closeError } from './error-effects.ts'
import { signOut } from './signin.ts'
import type { Socket } from './socket.ts'
import { removeSocket, type State } from './state.ts'
import { unsubscribeAll } from './subscribe.ts'
import { socketsOfUser } from './user-sockets.ts'

/** Removes a socket whose client has disconnected, or is about to be. */
export function removeFromNode(state: State, socket: Socket, nowMs: number, effects: Effect[]): void {
  removeSocket(state, socket, effects)
  unsubscribeAll(state, socket, nowMs, effects)
  signOut(state, socket, nowMs, effects)
}

/** Closes a socket with a close code alone. */
export function closeSocket(state: State, socket: Socket, close: Close, nowMs: number, effects: Effect[]): void {
  removeFromNode(state, socket, nowMs, effects)
  effects.push({ type: 'close', socketId: socket.id, close })
}

/** Sends a socket the error of that code, and closes it. */
export function closeWithError(state: State, socket: Socket, close: Close, nowMs: number, effects: Effect[]): void {
  effects.push(closeError(socket.id, close))
  closeSocket(state, socket, close, nowMs, effects)
}

/**
 * Closes all sockets of this node that are signed in as a user, are on a presence channel as that user, or wait to join one. `userId` is
 * the id as text.
 */
export function terminateUser(state: State, app: App, userId: string, nowMs: number, effects: Effect[]): void {
  for (const socket of socketsOfUser(state, app, userId)) closeWithError(state, socket, closes.terminated, nowMs, effects)
}
