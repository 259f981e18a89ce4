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
import { Edge, type Peer } from './edge.ts'
import { type Auth, type Claim, forgedChannelAuth, forgedUserAuth } from './forged.ts'
import { isCache, isPresence, isPrivate, keyOf, type Member, ownerOf, pingDueMs, topicOf } from './rules.ts'

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
  | { readonly do: 'disconnect' | 'go'; readonly id: string }
  | { readonly do: 'wait'; readonly seconds: number }

type Subscribe = Extract<Step, { do: 'subscribe' }>

const signedInInfo = 'as signed in'
/** Who a socket is on a presence channel where its application does not say. */
const signedInMember = ({ user }: Peer): Member | undefined =>
  user === undefined ? undefined : { user_id: user, user_info: signedInInfo }

export class World {
  readonly hub: Hub
  private readonly edge = new Edge()
  /** What is known of a user, by topic and user. */
  private readonly known = new Map<string, Member>()
  private readonly cached = new Map<string, { data: string; at: number }>()

  constructor(readonly apps: readonly App[]) {
    this.hub = new AnsweringHub(appsOf(apps))
  }

  take(step: Step): void {
    this.edge.sent = []
    if ('id' in step && step.do !== 'open' && !this.edge.peers.has(step.id)) this.ghost(step.id)
    else this.carryThrough(step)
    this.compare()
  }

  private carryThrough(step: Step): void {
    switch (step.do) {
      case 'open':
        this.open(step.id, step.key)
        break
      case 'subscribe':
        this.subscribe(this.peer(step.id), step)
        break
      case 'unsubscribe':
        this.unsubscribe(this.peer(step.id), step.channel)
        break
      case 'whisper':
        this.whisper(this.peer(step.id), step.channel)
        break
      case 'sign in':
        this.signIn(this.peer(step.id), step)
        break
      case 'nonsense':
        this.say(this.peer(step.id), step.text)
        break
      case 'publish':
        this.publish(this.apps[step.app]!, step)
        break
      case 'terminate':
        this.terminate(this.apps[step.app]!, step.user)
        break
      case 'disconnect':
        this.disconnect(this.peer(step.id))
        break
      case 'go':
        this.go(this.peer(step.id))
        break
      case 'wait':
        this.wait(step.seconds)
        break
    }
  }

  /** Every client disconnects; then the state must be empty. */
  end(): void {
    for (const peer of [...this.edge.peers.values()]) {
      this.edge.sent = []
      this.go(peer)
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
    for (const ids of [...this.edge.topics.values(), ...this.edge.present.values()]) expect(ids.size).toBe(0)
  }

  private peer(id: string): Peer {
    return this.edge.peers.get(id)!
  }

  /** Nothing comes of one who is not there. */
  private ghost(id: string): void {
    expect(this.hub.message(id, '{"event":"pusher:ping"}', this.edge.nowMs)).toEqual([])
    expect(this.hub.closed(id, this.edge.nowMs)).toEqual([])
  }

  private open(id: string, key: string): void {
    if (this.edge.peers.has(id)) return
    const app = this.apps.find(app => app.key === key)
    const full = app !== undefined && this.of(app).length >= app.maxConnections
    const effects = this.hub.open(id, key, null, this.edge.nowMs)
    if (app === undefined || !app.enabled || full) {
      expect(effects.map(effect => effect.type)).toEqual(['send', 'close'])
      return
    }
    const fresh = {
      channels: new Map(),
      user: undefined,
      watchlist: [],
      statuses: new Map(),
      seenAt: this.edge.nowMs,
      askedAt: undefined,
    }
    this.edge.peers.set(id, { id, app, ...fresh })
    this.edge.carryOut(effects)
    expect(this.edge.eventsTo(id)).toEqual(['pusher:connection_established'])
  }

  private subscribe(peer: Peer, step: Subscribe): void {
    const { channel, auth, member } = step
    const channel_data = member === undefined ? undefined : JSON.stringify(member)
    const as = isPresence(channel) ? (member ?? signedInMember(peer)) : undefined
    const may = this.mayJoin(peer, step, as)
    const data = { channel, auth: forgedChannelAuth(auth, this.between(peer), channel, channel_data), channel_data }
    this.say(peer, { event: 'pusher:subscribe', data }, () => {
      if (!may) return
      peer.channels.set(channel, as)
      // A user has the data that was signed last, on any of its sockets.
      if (as !== undefined) this.known.set(`${topicOf(peer.app, channel)} ${keyOf(as)}`, as)
    })
    if (may) this.checkWelcome(peer, channel)
    else expect(this.edge.eventsTo(peer.id)).toEqual(['pusher:error', 'pusher:subscription_error'])
  }

  private mayJoin(peer: Peer, { channel, auth }: Subscribe, as: Member | undefined): boolean {
    const owner = ownerOf(channel)
    const holds = owner === undefined ? auth === 'right' : peer.user === owner
    if (isPrivate(channel) && !(holds && channel.isWellFormed())) return false
    const { channelsPerSocket, presenceMembers } = peer.app.limits
    const isMore = !peer.channels.has(channel) && owner === undefined
    const counted = [...peer.channels.keys()].filter(name => ownerOf(name) === undefined)
    if (isMore && counted.length >= channelsPerSocket) return false
    if (!isPresence(channel)) return true
    const others = this.on(peer.app, channel).filter(other => other !== peer)
    const users = new Set(others.map(other => keyOf(other.channels.get(channel)!)))
    return as !== undefined && (this.usersOn(peer.app, channel).has(keyOf(as)) || users.size < presenceMembers)
  }

  private checkWelcome(peer: Peer, channel: string): void {
    const [welcome, next] = this.edge.sent.filter(([id]) => id === peer.id).map(([, frame]) => frame)
    expect(welcome).toMatchObject({ event: 'pusher_internal:subscription_succeeded', channel })
    const { presence } = JSON.parse(welcome!.data as string) as { presence?: { count: number; ids: unknown[]; hash: object } }
    if (isPresence(channel)) this.checkList(topicOf(peer.app, channel), this.usersOn(peer.app, channel), presence!)
    else expect(presence).toBeUndefined()
    if (!isCache(channel)) return
    const cached = this.cached.get(topicOf(peer.app, channel))
    const kept = cached !== undefined && this.edge.nowMs < cached.at + peer.app.cache.ttlSeconds * 1000
    expect(next).toEqual(kept ? { event: 'app', data: cached.data, channel } : { event: 'pusher:cache_miss', channel })
  }

  /** The list is what the subscribers have been sent: the members, and those whose leave is held. */
  private checkList(
    topic: string,
    users: Set<string>,
    { count, ids, hash }: { count: number; ids: unknown[]; hash: object },
  ): void {
    const listed = ids.map(String)
    expect(new Set(listed)).toEqual(this.edge.present.get(topic)!)
    expect([listed.length, Object.keys(hash).length]).toEqual([count, count])
    const members = [...users].map(key => this.known.get(`${topic} ${key}`)!)
    expect(members.filter(member => !ids.includes(member.user_id))).toEqual([])
    const infos = Object.entries(hash).filter(([key]) => users.has(key))
    expect(Object.fromEntries(infos)).toEqual(
      Object.fromEntries(members.map(member => [keyOf(member), member.user_info ?? null])),
    )
  }

  private unsubscribe(peer: Peer, channel: string): void {
    this.say(peer, { event: 'pusher:unsubscribe', data: { channel } }, () => peer.channels.delete(channel))
    expect(this.edge.eventsTo(peer.id).filter(event => event !== 'pusher_internal:subscription_count')).toEqual([])
  }

  private whisper(peer: Peer, channel: string): void {
    const { clientEventsFrom } = peer.app
    const on = peer.channels.has(channel)
    const may = clientEventsFrom === 'all' ? on || !isPrivate(channel) : clientEventsFrom === 'members' && on
    this.say(peer, { event: 'client-x', channel, data: { text: 'unparsed' }, user_id: 'forged' })
    const received = this.edge.sent.filter(([, frame]) => frame.event === 'client-x')
    const others = this.on(peer.app, channel).filter(other => other !== peer)
    const allowed = may && channel !== '' && ownerOf(channel) === undefined
    expect(received.map(([id]) => id).sort()).toEqual(allowed ? others.map(other => other.id).sort() : [])
    const member = peer.channels.get(channel)
    for (const [, frame] of received) expect(`${frame.user_id}`).toBe(`${member?.user_id}`)
    expect(this.edge.eventsTo(peer.id)).toEqual(allowed ? [] : ['pusher:error'])
  }

  private signIn(peer: Peer, { auth, user, watchlist }: Extract<Step, { do: 'sign in' }>): void {
    const data = JSON.stringify({ id: user, watchlist, user_info: signedInInfo })
    const valid = auth === 'right' && user !== '' && (peer.user === undefined || peer.user === user)
    const tooLong = watchlist.length > peer.app.limits.watchlistUsers
    this.say(
      peer,
      { event: 'pusher:signin', data: { auth: forgedUserAuth(auth, this.between(peer), data), user_data: data } },
      () => {
        if (!valid) return
        peer.user = user
        peer.watchlist = tooLong ? [] : watchlist
        peer.statuses.clear()
      },
    )
    if (!valid) expect(this.edge.eventsTo(peer.id)).toEqual(['pusher:error'])
    else
      expect(this.edge.eventsTo(peer.id).slice(0, 2)).toEqual([
        'pusher:signin_success',
        ...(tooLong ? ['pusher:error'] : watchlist.length > 0 ? ['pusher_internal:watchlist_events'] : []),
      ])
  }

  private publish(app: App, { name, channels, except }: Extract<Step, { do: 'publish' }>): void {
    const data = `data at ${this.edge.nowMs}`
    this.edge.carryOut(this.hub.publish(app, { name, data, channels, exceptSocketId: except }, this.edge.nowMs))
    for (const channel of channels) {
      if (isCache(channel) && name === 'app') this.cached.set(topicOf(app, channel), { data, at: this.edge.nowMs })
    }
    const expected = channels.flatMap(channel =>
      this.on(app, channel)
        .filter(peer => peer.id !== except)
        .map(peer => `${peer.id} ${channel}`),
    )
    const received = this.edge.sent.map(([id, frame]) => {
      expect(frame).toEqual({ event: name, data, channel: frame.channel! })
      return `${id} ${frame.channel}`
    })
    expect(received.sort()).toEqual(expected.sort())
  }

  private terminate(app: App, user: string): void {
    const out = this.of(app).filter(
      peer => peer.user === user || [...peer.channels.values()].some(member => member !== undefined && keyOf(member) === user),
    )
    const closed = this.edge.carryOut(this.hub.terminate(app, user, this.edge.nowMs))
    expect(closed.sort()).toEqual(out.map(peer => peer.id).sort())
  }

  private disconnect(peer: Peer): void {
    const other = this.apps.find(app => app !== peer.app)!
    expect(this.hub.disconnect(other, peer.id, this.edge.nowMs)).toEqual([])
    expect(this.hub.send(other, peer.id, 'x')).toEqual([])
    expect(this.edge.carryOut(this.hub.disconnect(peer.app, peer.id, this.edge.nowMs))).toEqual([peer.id])
  }

  /** The client has disconnected before the hub is informed: nothing may be sent to it. */
  private go(peer: Peer): void {
    this.edge.drop(peer.id)
    this.edge.carryOut(this.hub.closed(peer.id, this.edge.nowMs), peer.app)
  }

  private wait(seconds: number): void {
    this.settle(seconds * 1000)
    if (seconds * 1000 >= windowMs) this.compareSettled()
    const before = new Map(this.edge.peers)
    this.edge.carryOut(this.hub.tick(this.edge.nowMs))
    const { effects, isRoundOver } = this.hub.checkLiveness(this.edge.nowMs)
    expect(isRoundOver).toBe(true)
    for (const id of this.edge.carryOut(effects)) {
      const { app, askedAt } = before.get(id)!
      expect(this.edge.nowMs - askedAt!).toBeGreaterThanOrEqual(app.pingIntervalSeconds * 1000)
    }
    for (const { app, askedAt, seenAt } of this.edge.peers.values()) {
      if (askedAt === undefined) expect(this.edge.nowMs - seenAt).toBeLessThan(pingDueMs(app))
      else expect(this.edge.nowMs - askedAt).toBeLessThan(app.pingIntervalSeconds * 1000)
    }
    this.edge.checkCounts()
  }

  private settle(ms: number): void {
    this.edge.nowMs += ms
    this.edge.carryOut(runDeferred(this.hub.state, this.edge.nowMs))
  }

  /** @param meanwhile what the model makes of it */
  private say(peer: Peer, message: object | string, meanwhile: () => void = () => {}): void {
    peer.seenAt = this.edge.nowMs
    peer.askedAt = undefined
    const effects = this.hub.message(peer.id, typeof message === 'string' ? message : JSON.stringify(message), this.edge.nowMs)
    meanwhile()
    this.edge.carryOut(effects, peer.app)
  }

  /** The core's state, the edge's topics and what the peers were sent are what the model has; a user who has left may be on lists for a while. */
  private compare(): void {
    const { state } = this.hub
    expect([...state.sockets.keys()].sort()).toEqual([...this.edge.peers.keys()].sort())
    for (const app of this.apps) {
      expect(state.localSocketCounts.get(app.id) ?? 0).toBe(this.of(app).length)
      const channels = new Set(this.of(app).flatMap(peer => [...peer.channels.keys()]))
      expect(new Set(state.channels.get(app.id)?.keys())).toEqual(channels)
      for (const channel of channels) {
        const ids = new Set(this.on(app, channel).map(peer => peer.id))
        const users = this.usersOn(app, channel)
        const { localSubscribers, members } = state.channels.get(app.id)!.get(channel)!
        expect(localSubscribers).toEqual(ids)
        expect(this.edge.idsOn(topicOf(app, channel))).toEqual(ids)
        expect(new Set(members.list().map(member => member.key))).toEqual(users)
        expect([...users].filter(key => !this.edge.present.get(topicOf(app, channel))?.has(key))).toEqual([])
      }
      for (const peer of this.of(app)) {
        for (const user of peer.watchlist) {
          const status = peer.statuses.get(user)
          if (this.isOnline(app, user)) expect(status).toBe('online')
          else expect(status).toBeDefined()
        }
      }
    }
  }

  /** Once the windows are over, every peer has been sent the members that there are. */
  private compareSettled(): void {
    for (const app of this.apps) {
      for (const channel of this.hub.state.channels.get(app.id)?.keys() ?? []) {
        expect(this.edge.present.get(topicOf(app, channel)) ?? new Set()).toEqual(this.usersOn(app, channel))
      }
      for (const peer of this.of(app)) {
        for (const user of peer.watchlist) expect(peer.statuses.get(user)).toBe(this.isOnline(app, user) ? 'online' : 'offline')
      }
    }
  }

  private of(app: App): Peer[] {
    return [...this.edge.peers.values()].filter(peer => peer.app === app)
  }

  private on(app: App, channel: string): Peer[] {
    return this.of(app).filter(peer => peer.channels.has(channel))
  }

  private usersOn(app: App, channel: string): Set<string> {
    return new Set(this.on(app, channel).flatMap(peer => (isPresence(channel) ? [keyOf(peer.channels.get(channel)!)] : [])))
  }

  private isOnline(app: App, user: string): boolean {
    return this.of(app).some(peer => peer.user === user)
  }

  private between({ app, id }: Peer): Claim {
    return { app, otherApp: this.apps.find(other => other !== app)!, socketId: id }
  }
}
