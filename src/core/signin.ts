/** A connection says which user it is, and hears of the users that it watches. */
import { otherUser, unauthorized, watchlistTooLong } from '../protocol/errors.ts'
import * as frames from '../protocol/frames.ts'
import type { Message } from '../protocol/message.ts'
import { verifyUser } from '../protocol/signature.ts'
import { parseUser, type SignedInUser, withTextId } from '../protocol/user.ts'
import type { Effect } from './effect.ts'
import { complaint } from './error-effects.ts'
import { hasRoom, tooLargeUser, userBytes } from './kept.ts'
import type { Socket } from './socket.ts'
import { replicate, type State, usersOf } from './state.ts'
import type { Users } from './users.ts'

type SignIn = Extract<Message, { type: 'signin' }>

/**
 * The same user may sign in again on its socket; its watchlist is replaced. One that is too long is none: the rest of
 * the sign-in holds.
 *
 * @throws PusherError when the signature or user_data is wrong, the socket is another user's or has too much already; then nothing has changed
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
  const wasHere = users.isHere(user.id)
  if (socket.user !== undefined) users.remove(socket.id, socket.user)
  users.add(socket.id, user)
  socket.user = user
  socket.keptBytes += more

  send(socket.id, frames.signinSuccess(withTextId(userData)), effects)
  if (user !== claimed) {
    for (const effect of complaint(socket, watchlistTooLong(limit))) effects.push(effect)
  }
  if (user.watchlist.length > 0) send(socket.id, whoIsThere(users, user), effects)
  if (!wasHere) replicate(state, { kind: 'user', appId: socket.app.id, userId: user.id, isHere: true }, effects)
  if (!wasOnline) userArrived(users, user.id, socket.id, effects)
}

/** Of a socket that is going away. */
export function signOut(state: State, socket: Socket, nowMs: number, effects: Effect[]): void {
  if (socket.user === undefined) return
  const users = usersOf(state, socket.app.id)
  const { id: userId } = socket.user
  users.remove(socket.id, socket.user)
  if (!users.isHere(userId)) replicate(state, { kind: 'user', appId: socket.app.id, userId, isHere: false }, effects)
  if (!users.isOnline(userId)) userDeparted(state, socket.app.id, userId, socket.id, nowMs, effects)
}

/** Of a user that was offline. Watchers are sent it by the same rule as members of a presence channel. */
export function userArrived(users: Users, userId: string, exceptSocketId: string | undefined, effects: Effect[]): void {
  if (users.announcements.joined(userId, userId)) tellWatchers(users, userId, 'online', exceptSocketId, effects)
}

/** Of a user that was online. */
export function userDeparted(
  state: State,
  appId: string,
  userId: string,
  exceptSocketId: string | undefined,
  nowMs: number,
  effects: Effect[],
): void {
  const users = usersOf(state, appId)
  state.unsettledUsers.add(appId)
  if (users.announcements.left(userId, nowMs)) tellWatchers(users, userId, 'offline', exceptSocketId, effects)
}

/** Sends watchers the sign-outs that were held, where the window is over. */
export function settleUsers(state: State, nowMs: number, effects: Effect[]): void {
  for (const appId of state.unsettledUsers) {
    const users = usersOf(state, appId)
    const find = (userId: string) => (users.isOnline(userId) ? userId : undefined)
    for (const { removed: userId } of users.announcements.settle(find, nowMs)) {
      tellWatchers(users, userId, 'offline', undefined, effects)
    }
    if (users.announcements.areSettled) state.unsettledUsers.delete(appId)
  }
}

/** The same as other watchers have been sent, so that the announcements after it are right for this one, too. */
function whoIsThere(users: Users, { watchlist }: SignedInUser): string {
  const { true: online = [], false: offline = [] } = Object.groupBy(watchlist, id => `${users.isShownOnline(id)}`)
  const events = [
    { name: 'online', user_ids: online },
    { name: 'offline', user_ids: offline },
  ] as const
  return frames.watchlistEvents(events.filter(event => event.user_ids.length > 0))
}

/** A socket that watches its own user has heard already, or is gone. */
function tellWatchers(
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
