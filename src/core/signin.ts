/** Signs a connection in as a user, and sends it the online status of the users on its watchlist. */
import { otherUser, unauthorized, watchlistTooLong } from '../protocol/errors.ts'
import * as frames from '../protocol/frames.ts'
import type { Message } from '../protocol/message.ts'
import { verifyUser } from '../protocol/signature.ts'
import { parseUser, type SignedInUser, withTextId } from '../protocol/user.ts'
import { hasRoom, tooLargeUser, userBytes } from './connection-state.ts'
import type { Effect } from './effect.ts'
import { rejectMessage } from './error-effects.ts'
import type { Socket } from './socket.ts'
import { replicate, type State, usersOf } from './state.ts'
import type { Users } from './users.ts'

type SignIn = Extract<Message, { type: 'signin' }>

/**
 * Signs a socket in. The same user may sign in again, which replaces the watchlist. A watchlist that is too long is ignored, and the client
 * is sent an error, but is signed in.
 *
 * @throws PusherError when the signature or `user_data` is wrong, the socket is signed in as another user, or exceeds the bound of
 * `connection-state.ts`; then nothing has changed
 */
export function signIn(state: State, socket: Socket, { auth, userData }: SignIn, effects: Effect[]): void {
  if (!verifyUser(socket.app, socket.id, userData, auth)) throw unauthorized('signin-signature')
  const claimed = parseUser(userData)
  if (socket.user !== undefined && socket.user.id !== claimed.id) throw otherUser()
  const limit = socket.app.limits.watchlistUsers
  const user = claimed.watchlist.length > limit ? { ...claimed, watchlist: [] } : claimed

  const more = userBytes(user) - userBytes(socket.user)
  if (!hasRoom(socket, state.resubscriptions.waitingBytesOf(socket.id), more)) throw tooLargeUser()

  const users = usersOf(state, socket.app.id)
  const wasOnline = users.isOnline(user.id)
  const wasLocal = users.isLocal(user.id)
  if (socket.user !== undefined) users.remove(socket.id, socket.user)
  users.add(socket.id, user)
  socket.user = user
  socket.stateBytes += more

  send(socket.id, frames.signinSuccess(withTextId(userData)), effects)
  if (user !== claimed) rejectMessage(socket, watchlistTooLong(limit), effects)
  if (user.watchlist.length > 0) send(socket.id, initialWatchlistStatus(users, user), effects)
  if (!wasLocal) replicate(state, { kind: 'user', appId: socket.app.id, userId: user.id, isHere: true }, effects)
  if (!wasOnline) announceOnline(users, user.id, socket.id, effects)
}

/** Signs out a socket that has disconnected. */
export function signOut(state: State, socket: Socket, nowMs: number, effects: Effect[]): void {
  if (socket.user === undefined) return
  const users = usersOf(state, socket.app.id)
  const { id: userId } = socket.user
  users.remove(socket.id, socket.user)
  if (!users.isLocal(userId)) replicate(state, { kind: 'user', appId: socket.app.id, userId, isHere: false }, effects)
  if (!users.isOnline(userId)) announceOffline(state, socket.app.id, userId, socket.id, nowMs, effects)
}

/** A user that was offline is online. Watchers are sent that by the same rule as members of a presence channel: `announcements.ts`. */
export function announceOnline(users: Users, userId: string, exceptSocketId: string | undefined, effects: Effect[]): void {
  if (users.announcements.joined(userId, userId)) notifyWatchers(users, userId, 'online', exceptSocketId, effects)
}

/** A user that was online is offline. */
export function announceOffline(
  state: State,
  appId: string,
  userId: string,
  exceptSocketId: string | undefined,
  nowMs: number,
  effects: Effect[],
): void {
  const users = usersOf(state, appId)
  state.unsettledUsers.add(appId)
  if (users.announcements.left(userId, nowMs)) notifyWatchers(users, userId, 'offline', exceptSocketId, effects)
}

/** Sends watchers the sign-outs that were deferred, where their window is over. */
export function notifyDeferredSignOuts(state: State, nowMs: number, effects: Effect[]): void {
  for (const appId of state.unsettledUsers) {
    const users = usersOf(state, appId)
    const find = (userId: string) => (users.isOnline(userId) ? userId : undefined)
    for (const { removed: userId } of users.announcements.endWindows(find, nowMs)) {
      notifyWatchers(users, userId, 'offline', undefined, effects)
    }
    if (users.announcements.areSettled) state.unsettledUsers.delete(appId)
  }
}

/** What other watchers have been sent last, so that the announcements that follow are right for a new watcher, too. */
function initialWatchlistStatus(users: Users, { watchlist }: SignedInUser): string {
  const { true: online = [], false: offline = [] } = Object.groupBy(watchlist, id => `${users.isAnnouncedOnline(id)}`)
  const events = [
    { name: 'online', user_ids: online },
    { name: 'offline', user_ids: offline },
  ] as const
  return frames.watchlistEvents(events.filter(event => event.user_ids.length > 0))
}

/** @param exceptSocketId the socket that has signed in or out, which may watch its own user */
function notifyWatchers(
  users: Users,
  userId: string,
  name: 'online' | 'offline',
  exceptSocketId: string | undefined,
  effects: Effect[],
): void {
  const watchers = users.watchersOf(userId).filter(socketId => socketId !== exceptSocketId)
  if (watchers.length === 0) return
  const frame = frames.watchlistEvents([{ name, user_ids: [userId] }])
  for (const socketId of watchers) send(socketId, frame, effects)
}

function send(socketId: string, frame: string, effects: Effect[]): void {
  effects.push({ type: 'send', socketId, frame })
}
