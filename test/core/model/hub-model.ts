/**
 * The core beside the plainest model of it. Every step is taken by a real hub and by the model; what the hub wants done is
 * held against what the model expects. Knows nothing of how the core does it.
 */
import { expect } from 'bun:test'
import { windowMs } from '../../../src/core/announcements.ts'
import { type App, appsOf } from '../../../src/core/app.ts'
import { runDeferred } from '../../../src/core/deferred.ts'
import type { Hub } from '../../../src/core/hub.ts'
import { Users } from '../../../src/core/users.ts'
import { AnsweringHub } from '../../support/core.ts'
import { type Auth, type Claim, forgedChannelAuth, forgedUserAuth } from './forged-signatures.ts'
import { isCache, isPresence, isPrivate, keyOf, type Member, ownerOf, pingDueMs, topicOf } from './rules.ts'
import { type ModelSocket, SocketsModel } from './sockets-model.ts'

export type Step =
  | { readonly do: 'open'; readonly id: string; readonly key: string }
  | {
      readonly do: 'subscribe'
      readonly id: string
      readonly channel: string
      readonly auth: Auth
      readonly member: Member | undefined
    }
  | { readonly do: 'unsubscribe'; readonly id: string; readonly channel: string }
  | { readonly do: 'whisper'; readonly id: string; readonly channel: string }
  | {
      readonly do: 'sign in'
      readonly id: string
      readonly auth: Auth
      readonly user: string
      readonly watchlist: readonly string[]
    }
  | { readonly do: 'nonsense'; readonly id: string; readonly text: string }
  | {
      readonly do: 'publish'
      readonly app: number
      readonly name: string
      readonly channels: readonly string[]
      readonly except: string
    }
  | { readonly do: 'terminate'; readonly app: number; readonly user: string }
  | { readonly do: 'disconnect' | 'close'; readonly id: string }
  | { readonly do: 'wait'; readonly seconds: number }

type Subscribe = Extract<Step, { do: 'subscribe' }>

const signedInInfo = 'as signed in'
/** Who a socket is on a presence channel where its application does not say. */
const signedInMember = ({ user }: ModelSocket): Member | undefined =>
  user === undefined ? undefined : { user_id: user, user_info: signedInInfo }

export class HubModel {
  readonly hub: Hub
  private readonly sockets = new SocketsModel()
  /** What is known of a user, by topic and user. */
  private readonly known = new Map<string, Member>()
  private readonly cached = new Map<string, { data: string; at: number }>()

  constructor(readonly apps: readonly App[]) {
    this.hub = new AnsweringHub(appsOf(apps))
  }

  take(step: Step): void {
    this.sockets.sent = []
    if ('id' in step && step.do !== 'open' && !this.sockets.open.has(step.id)) this.expectIgnored(step.id)
    else this.perform(step)
    this.compare()
  }

  private perform(step: Step): void {
    switch (step.do) {
      case 'open':
        this.open(step.id, step.key)
        break
      case 'subscribe':
        this.subscribe(this.socket(step.id), step)
        break
      case 'unsubscribe':
        this.unsubscribe(this.socket(step.id), step.channel)
        break
      case 'whisper':
        this.whisper(this.socket(step.id), step.channel)
        break
      case 'sign in':
        this.signIn(this.socket(step.id), step)
        break
      case 'nonsense':
        this.message(this.socket(step.id), step.text)
        break
      case 'publish':
        this.publish(this.apps[step.app]!, step)
        break
      case 'terminate':
        this.terminate(this.apps[step.app]!, step.user)
        break
      case 'disconnect':
        this.disconnect(this.socket(step.id))
        break
      case 'close':
        this.close(this.socket(step.id))
        break
      case 'wait':
        this.wait(step.seconds)
        break
    }
  }

  /** Every client disconnects; then the state must be empty. */
  end(): void {
    for (const socket of [...this.sockets.open.values()]) {
      this.sockets.sent = []
      this.close(socket)
      this.compare()
    }
    this.settle(windowMs)
    this.settle(windowMs)
    const { state } = this.hub
    expect(state.sockets.size).toBe(0)
    expect([...state.localSocketCounts.values()].filter(count => count !== 0)).toEqual([])
    expect([...state.channels.values()].flatMap(channels => [...channels.keys()])).toEqual([])
    expect(state.pendingCounts.size).toBe(0)
    for (const users of state.users.values()) expect(users).toEqual(new Users())
    for (const ids of [...this.sockets.topics.values(), ...this.sockets.present.values()]) expect(ids.size).toBe(0)
  }

  private socket(id: string): ModelSocket {
    return this.sockets.open.get(id)!
  }

  /** Nothing comes of one who is not there. */
  private expectIgnored(id: string): void {
    expect(this.hub.message(id, '{"event":"pusher:ping"}', this.sockets.nowMs)).toEqual([])
    expect(this.hub.closed(id, this.sockets.nowMs)).toEqual([])
  }

  private open(id: string, key: string): void {
    if (this.sockets.open.has(id)) return
    const app = this.apps.find(app => app.key === key)
    const full = app !== undefined && this.of(app).length >= app.maxConnections
    const effects = this.hub.open(id, key, null, this.sockets.nowMs)
    if (app === undefined || !app.enabled || full) {
      expect(effects.map(effect => effect.type)).toEqual(['send', 'close'])
      return
    }
    const fresh = {
      channels: new Map(),
      user: undefined,
      watchlist: [],
      statuses: new Map(),
      seenAt: this.sockets.nowMs,
      pingedAt: undefined,
    }
    this.sockets.open.set(id, { id, app, ...fresh })
    this.sockets.execute(effects)
    expect(this.sockets.eventsTo(id)).toEqual(['pusher:connection_established'])
  }

  private subscribe(socket: ModelSocket, step: Subscribe): void {
    const { channel, auth, member } = step
    const channel_data = member === undefined ? undefined : JSON.stringify(member)
    const as = isPresence(channel) ? (member ?? signedInMember(socket)) : undefined
    const may = this.mayJoin(socket, step, as)
    const data = { channel, auth: forgedChannelAuth(auth, this.between(socket), channel, channel_data), channel_data }
    this.message(socket, { event: 'pusher:subscribe', data }, () => {
      if (!may) return
      socket.channels.set(channel, as)
      // A user has the data that was signed last, on any of its sockets.
      if (as !== undefined) this.known.set(`${topicOf(socket.app, channel)} ${keyOf(as)}`, as)
    })
    if (may) this.checkSubscribed(socket, channel)
    else expect(this.sockets.eventsTo(socket.id)).toEqual(['pusher:error', 'pusher:subscription_error'])
  }

  private mayJoin(socket: ModelSocket, { channel, auth }: Subscribe, as: Member | undefined): boolean {
    const owner = ownerOf(channel)
    const holds = owner === undefined ? auth === 'right' : socket.user === owner
    if (isPrivate(channel) && !(holds && channel.isWellFormed())) return false
    const { channelsPerSocket, presenceMembers } = socket.app.limits
    const isMore = !socket.channels.has(channel) && owner === undefined
    const counted = [...socket.channels.keys()].filter(name => ownerOf(name) === undefined)
    if (isMore && counted.length >= channelsPerSocket) return false
    if (!isPresence(channel)) return true
    const others = this.on(socket.app, channel).filter(other => other !== socket)
    const users = new Set(others.map(other => keyOf(other.channels.get(channel)!)))
    return as !== undefined && (this.usersOn(socket.app, channel).has(keyOf(as)) || users.size < presenceMembers)
  }

  private checkSubscribed(socket: ModelSocket, channel: string): void {
    const [first, next] = this.sockets.sent.filter(([id]) => id === socket.id).map(([, frame]) => frame)
    expect(first).toMatchObject({ event: 'pusher_internal:subscription_succeeded', channel })
    const { presence } = JSON.parse(first!.data as string) as { presence?: { count: number; ids: unknown[]; hash: object } }
    if (isPresence(channel)) this.checkList(topicOf(socket.app, channel), this.usersOn(socket.app, channel), presence!)
    else expect(presence).toBeUndefined()
    if (!isCache(channel)) return
    const cached = this.cached.get(topicOf(socket.app, channel))
    const kept = cached !== undefined && this.sockets.nowMs < cached.at + socket.app.cache.ttlSeconds * 1000
    expect(next).toEqual(kept ? { event: 'app', data: cached.data, channel } : { event: 'pusher:cache_miss', channel })
  }

  /** The list is what the subscribers have been sent: the members, and those whose leave is held. */
  private checkList(
    topic: string,
    users: Set<string>,
    { count, ids, hash }: { count: number; ids: unknown[]; hash: object },
  ): void {
    const listed = ids.map(String)
    expect(new Set(listed)).toEqual(this.sockets.present.get(topic)!)
    expect([listed.length, Object.keys(hash).length]).toEqual([count, count])
    const members = [...users].map(key => this.known.get(`${topic} ${key}`)!)
    expect(members.filter(member => !ids.includes(member.user_id))).toEqual([])
    const infos = Object.entries(hash).filter(([key]) => users.has(key))
    expect(Object.fromEntries(infos)).toEqual(
      Object.fromEntries(members.map(member => [keyOf(member), member.user_info ?? null])),
    )
  }

  private unsubscribe(socket: ModelSocket, channel: string): void {
    this.message(socket, { event: 'pusher:unsubscribe', data: { channel } }, () => socket.channels.delete(channel))
    expect(this.sockets.eventsTo(socket.id).filter(event => event !== 'pusher_internal:subscription_count')).toEqual([])
  }

  private whisper(socket: ModelSocket, channel: string): void {
    const { clientEventsFrom } = socket.app
    const on = socket.channels.has(channel)
    const may = clientEventsFrom === 'all' ? on || !isPrivate(channel) : clientEventsFrom === 'members' && on
    this.message(socket, { event: 'client-x', channel, data: { text: 'unparsed' }, user_id: 'forged' })
    const received = this.sockets.sent.filter(([, frame]) => frame.event === 'client-x')
    const others = this.on(socket.app, channel).filter(other => other !== socket)
    const allowed = may && channel !== '' && ownerOf(channel) === undefined
    expect(received.map(([id]) => id).sort()).toEqual(allowed ? others.map(other => other.id).sort() : [])
    const member = socket.channels.get(channel)
    for (const [, frame] of received) expect(`${frame.user_id}`).toBe(`${member?.user_id}`)
    expect(this.sockets.eventsTo(socket.id)).toEqual(allowed ? [] : ['pusher:error'])
  }

  private signIn(socket: ModelSocket, { auth, user, watchlist }: Extract<Step, { do: 'sign in' }>): void {
    const data = JSON.stringify({ id: user, watchlist, user_info: signedInInfo })
    const valid = auth === 'right' && user !== '' && (socket.user === undefined || socket.user === user)
    const tooLong = watchlist.length > socket.app.limits.watchlistUsers
    this.message(
      socket,
      { event: 'pusher:signin', data: { auth: forgedUserAuth(auth, this.between(socket), data), user_data: data } },
      () => {
        if (!valid) return
        socket.user = user
        socket.watchlist = tooLong ? [] : watchlist
        socket.statuses.clear()
      },
    )
    if (!valid) expect(this.sockets.eventsTo(socket.id)).toEqual(['pusher:error'])
    else
      expect(this.sockets.eventsTo(socket.id).slice(0, 2)).toEqual([
        'pusher:signin_success',
        ...(tooLong ? ['pusher:error'] : watchlist.length > 0 ? ['pusher_internal:watchlist_events'] : []),
      ])
  }

  private publish(app: App, { name, channels, except }: Extract<Step, { do: 'publish' }>): void {
    const data = `data at ${this.sockets.nowMs}`
    this.sockets.execute(this.hub.publish(app, { name, data, channels, exceptSocketId: except }, this.sockets.nowMs))
    for (const channel of channels) {
      if (isCache(channel) && name === 'app') this.cached.set(topicOf(app, channel), { data, at: this.sockets.nowMs })
    }
    const expected = channels.flatMap(channel =>
      this.on(app, channel)
        .filter(socket => socket.id !== except)
        .map(socket => `${socket.id} ${channel}`),
    )
    const received = this.sockets.sent.map(([id, frame]) => {
      expect(frame).toEqual({ event: name, data, channel: frame.channel! })
      return `${id} ${frame.channel}`
    })
    expect(received.sort()).toEqual(expected.sort())
  }

  private terminate(app: App, user: string): void {
    const out = this.of(app).filter(
      socket =>
        socket.user === user || [...socket.channels.values()].some(member => member !== undefined && keyOf(member) === user),
    )
    const closed = this.sockets.execute(this.hub.terminate(app, user, this.sockets.nowMs))
    expect(closed.sort()).toEqual(out.map(socket => socket.id).sort())
  }

  private disconnect(socket: ModelSocket): void {
    const other = this.apps.find(app => app !== socket.app)!
    expect(this.hub.disconnect(other, socket.id, this.sockets.nowMs)).toEqual([])
    expect(this.hub.send(other, socket.id, 'x')).toEqual([])
    expect(this.sockets.execute(this.hub.disconnect(socket.app, socket.id, this.sockets.nowMs))).toEqual([socket.id])
  }

  /** The client has disconnected before the hub is informed: nothing may be sent to it. */
  private close(socket: ModelSocket): void {
    this.sockets.drop(socket.id)
    this.sockets.execute(this.hub.closed(socket.id, this.sockets.nowMs), socket.app)
  }

  private wait(seconds: number): void {
    this.settle(seconds * 1000)
    if (seconds * 1000 >= windowMs) this.compareSettled()
    const before = new Map(this.sockets.open)
    this.sockets.execute(this.hub.tick(this.sockets.nowMs))
    const { effects, isRoundOver } = this.hub.checkLiveness(this.sockets.nowMs)
    expect(isRoundOver).toBe(true)
    for (const id of this.sockets.execute(effects)) {
      const { app, pingedAt } = before.get(id)!
      expect(this.sockets.nowMs - pingedAt!).toBeGreaterThanOrEqual(app.pingIntervalSeconds * 1000)
    }
    for (const { app, pingedAt, seenAt } of this.sockets.open.values()) {
      if (pingedAt === undefined) expect(this.sockets.nowMs - seenAt).toBeLessThan(pingDueMs(app))
      else expect(this.sockets.nowMs - pingedAt).toBeLessThan(app.pingIntervalSeconds * 1000)
    }
    this.sockets.checkCounts()
  }

  private settle(ms: number): void {
    this.sockets.nowMs += ms
    this.sockets.execute(runDeferred(this.hub.state, this.sockets.nowMs))
  }

  /** @param meanwhile what the model makes of it */
  private message(socket: ModelSocket, message: object | string, meanwhile: () => void = () => {}): void {
    socket.seenAt = this.sockets.nowMs
    socket.pingedAt = undefined
    const effects = this.hub.message(
      socket.id,
      typeof message === 'string' ? message : JSON.stringify(message),
      this.sockets.nowMs,
    )
    meanwhile()
    this.sockets.execute(effects, socket.app)
  }

  /** The core's state, the edge's topics and what the sockets were sent are what the model has; a user who has left may be on lists for a while. */
  private compare(): void {
    const { state } = this.hub
    expect([...state.sockets.keys()].sort()).toEqual([...this.sockets.open.keys()].sort())
    for (const app of this.apps) {
      expect(state.localSocketCounts.get(app.id) ?? 0).toBe(this.of(app).length)
      const channels = new Set(this.of(app).flatMap(socket => [...socket.channels.keys()]))
      expect(new Set(state.channels.get(app.id)?.keys())).toEqual(channels)
      for (const channel of channels) {
        const ids = new Set(this.on(app, channel).map(socket => socket.id))
        const users = this.usersOn(app, channel)
        const { localSubscribers, members } = state.channels.get(app.id)!.get(channel)!
        expect(localSubscribers).toEqual(ids)
        expect(this.sockets.idsOn(topicOf(app, channel))).toEqual(ids)
        expect(new Set(members.list().map(member => member.key))).toEqual(users)
        expect([...users].filter(key => !this.sockets.present.get(topicOf(app, channel))?.has(key))).toEqual([])
      }
      for (const socket of this.of(app)) {
        for (const user of socket.watchlist) {
          const status = socket.statuses.get(user)
          if (this.isOnline(app, user)) expect(status).toBe('online')
          else expect(status).toBeDefined()
        }
      }
    }
  }

  /** Once the windows are over, every socket has been sent the members that there are. */
  private compareSettled(): void {
    for (const app of this.apps) {
      for (const channel of this.hub.state.channels.get(app.id)?.keys() ?? []) {
        expect(this.sockets.present.get(topicOf(app, channel)) ?? new Set()).toEqual(this.usersOn(app, channel))
      }
      for (const socket of this.of(app)) {
        for (const user of socket.watchlist)
          expect(socket.statuses.get(user)).toBe(this.isOnline(app, user) ? 'online' : 'offline')
      }
    }
  }

  private of(app: App): ModelSocket[] {
    return [...this.sockets.open.values()].filter(socket => socket.app === app)
  }

  private on(app: App, channel: string): ModelSocket[] {
    return this.of(app).filter(socket => socket.channels.has(channel))
  }

  private usersOn(app: App, channel: string): Set<string> {
    return new Set(this.on(app, channel).flatMap(socket => (isPresence(channel) ? [keyOf(socket.channels.get(channel)!)] : [])))
  }

  private isOnline(app: App, user: string): boolean {
    return this.of(app).some(socket => socket.user === user)
  }

  private between({ app, id }: ModelSocket): Claim {
    return { app, otherApp: this.apps.find(other => other !== app)!, socketId: id }
  }
}
