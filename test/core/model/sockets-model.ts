/** The edge of the core, with sockets that only remember. Carries effects out, and holds each against what may never be. */
import { expect } from 'bun:test'
import type { App } from '../../../src/core/app.ts'
import type { Effect } from '../../../src/core/effect.ts'
import { type Member, pingDueMs } from './rules.ts'

export type Frame = { readonly event: string; readonly channel?: string; readonly data?: unknown; readonly user_id?: unknown }

/** What the model knows of one socket. */
export type ModelSocket = {
  readonly id: string
  readonly app: App
  readonly channels: Map<string, Member | undefined>
  user: string | undefined
  watchlist: readonly string[]
  /** The status that it was sent last of each user on its watchlist. */
  readonly statuses: Map<string, string>
  seenAt: number
  pingedAt: number | undefined
}

export class SocketsModel {
  /** Every open socket. */
  readonly open = new Map<string, ModelSocket>()
  /** The ids of the subscribers of each topic. */
  readonly topics = new Map<string, Set<string>>()
  /** The users that the subscribers of each topic have been sent. */
  readonly present = new Map<string, Set<string>>()
  /** What was sent to whom since this was last emptied. */
  sent: [id: string, frame: Frame][] = []
  nowMs = 1000
  /** The number that the subscribers of each topic were sent. */
  private readonly counts = new Map<string, { count: number; at: number }>()
  /** Topics whose subscribers have changed since. */
  private readonly changed = new Set<string>()

  /** @param app whose doing it is. @returns the sockets that were closed */
  execute(effects: readonly Effect[], app?: App): string[] {
    const closed: string[] = []
    for (const effect of effects) {
      switch (effect.type) {
        case 'send':
          this.deliver(effect.socketId, JSON.parse(effect.frame) as Frame)
          break
        case 'broadcast':
          this.broadcast(effect)
          if (app !== undefined) expect(effect.topic).toStartWith(`${app.id}/`)
          break
        case 'subscribe':
          expect(this.open.get(effect.socketId)!.channels.has(effect.topic.slice(effect.topic.indexOf('/') + 1))).toBe(true)
          if (!this.idsOn(effect.topic).has(effect.socketId)) this.changed.add(effect.topic)
          this.idsOn(effect.topic).add(effect.socketId)
          break
        case 'unsubscribe':
          this.idsOn(effect.topic).delete(effect.socketId)
          this.changed.add(effect.topic)
          break
        case 'close':
          closed.push(effect.socketId)
          expect([...this.topics].filter(([, ids]) => ids.has(effect.socketId))).toEqual([])
          expect(this.open.delete(effect.socketId)).toBe(true)
          break
        case 'notify':
          if (effect.notice.event === 'channel_removed') this.removed(`${effect.notice.appId}/${effect.notice.channel}`)
          break
        case 'ping':
          throw new Error('no client of this test sends control frames')
      }
    }
    return closed
  }

  idsOn(topic: string): Set<string> {
    const ids = this.topics.get(topic) ?? new Set()
    this.topics.set(topic, ids)
    return ids
  }

  /** No subscriber is left to whom anything was sent. */
  private removed(topic: string): void {
    this.counts.delete(topic)
    this.present.delete(topic)
  }

  private broadcast({ topic, frame: text, exceptSocketId }: Extract<Effect, { type: 'broadcast' }>): void {
    const frame = JSON.parse(text) as Frame
    expect(topic.slice(topic.indexOf('/') + 1)).toBe(frame.channel!)
    this.announced(topic, frame)
    for (const id of this.idsOn(topic)) if (id !== exceptSocketId) this.deliver(id, frame)
  }

  /** Users of a presence channel join and leave in turns; counts are right, and sent once a second at most. */
  private announced(topic: string, { event, data }: Frame): void {
    const present = this.present.get(topic) ?? new Set()
    this.present.set(topic, present)
    const content = () => JSON.parse(data as string) as { user_id: unknown; subscription_count: number }
    if (event === 'pusher_internal:member_added') {
      const key = String(content().user_id)
      expect(present.has(key), `${key} comes to ${topic} once`).toBe(false)
      present.add(key)
    } else if (event === 'pusher_internal:member_removed') {
      expect(present.delete(String(content().user_id)), `only a member of ${topic} leaves it`).toBe(true)
    } else if (event === 'pusher_internal:subscription_count') {
      const { subscription_count: count } = content()
      expect(topic).not.toMatch(/\/(presence-|#)/)
      expect(count).toBe(this.idsOn(topic).size)
      expect(this.nowMs - (this.counts.get(topic)?.at ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(1000)
      expect(this.changed.delete(topic)).toBe(true)
      this.counts.set(topic, { count, at: this.nowMs })
    }
  }

  private deliver(id: string, frame: Frame): void {
    const socket = this.open.get(id)
    expect(socket, `${id} is open, and is sent ${frame.event}`).toBeDefined()
    if (frame.channel !== undefined && frame.event !== 'pusher:subscription_error') {
      expect(socket!.channels.has(frame.channel), `${id} is on ${frame.channel}, and is sent ${frame.event}`).toBe(true)
    }
    if (frame.event === 'pusher:ping') this.pinged(socket!)
    if (frame.event === 'pusher_internal:watchlist_events') this.receiveStatus(socket!, frame)
    this.sent.push([id, frame])
  }

  private pinged(socket: ModelSocket): void {
    expect(socket.pingedAt).toBeUndefined()
    expect(this.nowMs - socket.seenAt).toBeGreaterThanOrEqual(pingDueMs(socket.app))
    socket.pingedAt = this.nowMs
  }

  /** No client is sent a status twice, nor that of a user who is not on its watchlist. */
  private receiveStatus(socket: ModelSocket, { data }: Frame): void {
    const { events } = JSON.parse(data as string) as { events: { name: string; user_ids: string[] }[] }
    for (const { name, user_ids } of events) {
      expect(user_ids.length).toBeGreaterThan(0)
      for (const user of user_ids) {
        expect(socket.watchlist).toContain(user)
        expect(socket.statuses.get(user), `${socket.id} is sent once that ${user} is ${name}`).not.toBe(name)
        socket.statuses.set(user, name)
      }
    }
  }

  /** The client has disconnected: nothing may be sent to it any more. */
  drop(id: string): void {
    this.open.delete(id)
    for (const ids of this.topics.values()) ids.delete(id)
  }

  /** Once a second has passed, all subscribers have been sent their number. */
  checkCounts(): void {
    for (const [topic, sent] of this.counts) {
      if (this.nowMs - sent.at >= 1000) expect(sent.count, topic).toBe(this.idsOn(topic).size)
    }
  }

  eventsTo(id: string): string[] {
    return this.sent.filter(([to]) => to === id).map(([, frame]) => frame.event)
  }
}
