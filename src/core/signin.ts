/** A connection says which user it is, and hears of the users that it watches. */
import { otherUser, unauthorized, watchlistTooLong } from '../protocol/errors.ts'
import * as frames from '../protocol/frames.ts'
import type { Message } from '../protocol/message.ts'
import { verifyUser } from '../protocol/signature.ts'
import { parseUser, type SignedInUser, withTextId } from '../protocol/user.ts'
import type { Effect } from './effect.ts'
import { complaint } from './error-effects.ts'
import type { Socket } from './socket.ts'
import { replicate, type State, usersOf } from './state.ts'
import type { Users } from './users.ts'

type SignIn = Extract<Message, { type: 'signin' }>

/**
 * The same user may sign in again on its socket; its watchlist is replaced. One that is too long is none: the rest of
 * the sign-in holds.
 *
 * @throws PusherError when the signature or user_data is wrong, or the socket is another user's; then nothing has changed
 */
export function signIn(state: State, socket: Socket, { auth, userData }: SignIn, effects: Effect[]): void {
  if (!verifyUser(socket.app, socket.id, userData, auth)) throw unauthorized('signin-signature')
  const claimed = parseUser(userData)
  if (socket.user !== undefined && socket.user.id !== claimed.id) throw otherUser()
  const limit = socket.app.limits.watchlistUsers
  const user = claimed.watchlist.length > limit ? { ...claimed, watchlist: [] } : claimed

  const users = usersOf(state, socket.app.id)
  const wasOnline = users.isOnline(user.id)
  const wasHere = users.isHere(user.id)
  if (socket.user !== undefined) users.remove(socket.id, socket.user)
  users.add(socket.id, user)
  socket.user = user

  send(socket.id, frames.signinSuccess(withTextId(userData)), effects)
  if (user !== claimed) {
    for (const effect of complaint(socket, watchlistTooLong(limit))) effects.push(effect)
  }
  if (user.watchlist.length > 0) send(socket.id, whoIsThere(users, user), effects)
  if (!wasHere) replicate(state, { kind: 'user', appId: socket.app.id, userId: user.id, isHere: true }, effects)
  if (!wasOnline) tellWatchers(users, user.id, 'online', socket.id, effects)
}

/** Of a socket that is going away. */
export function signOut(state: State, socket: Socket, effects: Effect[]): void {
  if (socket.user === undefined) return
  const users = usersOf(state, socket.app.id)
  const { id: userId } = socket.user
  users.remove(socket.id, socket.user)
  if (!users.isHere(userId)) replicate(state, { kind: 'user', appId: socket.app.id, userId, isHere: false }, effects)
  if (!users.isOnline(userId)) tellWatchers(users, userId, 'offline', socket.id, effects)
}

function whoIsThere(users: Users, { watchlist }: SignedInUser): string {
  const { true: online = [], false: offline = [] } = Object.groupBy(watchlist, id => `${users.isOnline(id)}`)
  const events = [
    { name: 'online', user_ids: online },
    { name: 'offline', user_ids: offline },
  ] as const
  return frames.watchlistEvents(events.filter(event => event.user_ids.length > 0))
}

/** A socket that watches its own user has heard already, or is gone. */
export function tellWatchers(
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
