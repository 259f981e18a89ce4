/**
 * The entry point of the core for other nodes. What they have is kept in the state, so that every question about the cluster is answered
 * from memory.
 */
import { channelKind } from '../protocol/channel-name.ts'
import { parseJson } from '../protocol/json.ts'
import { isApplicationEvent } from '../protocol/names.ts'
import { topicOf } from './channel.ts'
import { terminateUser } from './closing.ts'
import type { Effect } from './effect.ts'
import { applyEntries, localEntries } from './entries.ts'
import type { Entry } from './entry.ts'
import { cacheLastEvent, lastEventLeftMs } from './last-events.ts'
import { beginResync, endResync, removeNode } from './resyncs.ts'
import { channelOfTopic, type State, splitTopic } from './state.ts'

/** An event that another node has published to the subscribers of a topic. */
export type RelayedEvent = { readonly topic: string; readonly frame: string; readonly exceptSocketId: string | undefined }

/** The last event of a cache channel, and how long it remains cached. */
export type CachedEvent = { readonly topic: string; readonly frame: string; readonly leftMs: number }

/** A part of the snapshot of a node. */
export type SnapshotPart = {
  /** The number of the part, from 0. */
  readonly part: number
  readonly hasMore: boolean
  readonly entries: readonly Entry[]
  readonly kept: readonly CachedEvent[]
}

export class Replica {
  constructor(private readonly state: State) {}

  /**
   * From now on, changes of this node are replicated.
   *
   * @param nodeId the id of this node, which is not that of any other
   * @param isHandOver whether one of two nodes takes over from the other: then each applies the limits of an app to its own sockets alone,
   * since a client that moves is on both for a moment
   */
  join({ nodeId, isHandOver }: { readonly nodeId: string; readonly isHandOver: boolean }): void {
    this.state.nodeId = nodeId
    this.state.isClustered = true
    this.state.isHandOver = isHandOver
  }

  /** Changes are no longer replicated. The other nodes are to be removed one by one. */
  leave(): void {
    this.state.isClustered = false
    this.state.isHandOver = false
  }

  /** Whether this node needs an event on a topic: it has a subscriber, or the event is cached. */
  isRelevant(topic: string): boolean {
    const channel = channelOfTopic(this.state, topic)
    return (channel !== undefined && channel.localSubscribers.size > 0) || this.isCached(topic)
  }

  /** Whether the topic is that of a cache channel. */
  isCached(topic: string): boolean {
    return channelKind(splitTopic(topic)[1]).cache
  }

  /** Delivers an event of another node to the subscribers of this one, and caches it where its channel is a cache channel. */
  deliver(event: RelayedEvent, nowMs: number): Effect[] {
    return this.cache(event, nowMs) ? [broadcast(event)] : []
  }

  /** Delivers an event of another node that has cached later ones already. */
  deliverLate(event: RelayedEvent): Effect[] {
    return this.state.apps.byId.has(splitTopic(event.topic)[0]) ? [broadcast(event)] : []
  }

  /**
   * Caches an event, where its channel is a cache channel. The last one is the same on all nodes, as they receive events in the same order.
   *
   * @returns whether there is such an app
   */
  cache({ topic, frame }: Pick<RelayedEvent, 'topic' | 'frame'>, nowMs: number): boolean {
    const [appId, channel] = splitTopic(topic)
    const app = this.state.apps.byId.get(appId)
    if (app === undefined) return false
    const name = channelKind(channel).cache ? nameOf(frame) : undefined
    if (name !== undefined && isApplicationEvent(name)) cacheLastEvent(this.state, app, channel, frame, nowMs)
    return true
  }

  /** Another node has terminated the connections of a user: those on this node are closed. */
  terminate(appId: string, userId: string, nowMs: number): Effect[] {
    const effects: Effect[] = []
    const app = this.state.apps.byId.get(appId)
    if (app !== undefined) terminateUser(this.state, app, userId, nowMs, effects)
    return effects
  }

  /** Applies changes of another node. */
  apply(nodeId: string, entries: readonly Entry[], nowMs: number): Effect[] {
    const effects: Effect[] = []
    applyEntries(this.state, nodeId, entries, nowMs, effects)
    return effects
  }

  /**
   * Applies a part of another node's snapshot, whose parts are to be passed in their order. With the last one, what the other node no
   * longer has is deleted, in turns.
   *
   * @param sinceMs since when this node receives all events of others: see `applyCached`
   */
  applyPart(nodeId: string, { part, hasMore, entries, kept }: SnapshotPart, nowMs: number, sinceMs: number): Effect[] {
    const effects: Effect[] = []
    if (part === 0) beginResync(this.state, nodeId)
    for (const event of kept) this.applyCached(event, nowMs, sinceMs)
    applyEntries(this.state, nodeId, entries, nowMs, effects)
    if (!hasMore) endResync(this.state, nodeId, nowMs, effects)
    return effects
  }

  /** Another node has left: what it had is deleted, in turns. */
  remove(nodeId: string, nowMs: number): Effect[] {
    const effects: Effect[] = []
    removeNode(this.state, nodeId, nowMs, effects)
    return effects
  }

  /** The entries of this node, for a snapshot. A change that is made while they are iterated over may be among them or not. */
  entries(): Generator<Entry> {
    return localEntries(this.state)
  }

  /** The last events of cache channels, for a snapshot. */
  cachedEvents(nowMs: number): CachedEvent[] {
    return Array.from(this.state.lastEvents.list(nowMs), ([appId, channel, frame, leftMs]) => ({
      topic: topicOf(appId, channel),
      frame,
      leftMs,
    }))
  }

  /**
   * Caches an event that another node has cached, unless this one has a later event of that channel. Of events that arrive on both nodes, the
   * later one has more time left. Since this node receives all events, its own is never the earlier one, however long a snapshot was
   * under way.
   */
  private applyCached({ topic, frame, leftMs }: CachedEvent, nowMs: number, sinceMs: number): void {
    const [appId, channel] = splitTopic(topic)
    const app = this.state.apps.byId.get(appId)
    if (app === undefined) return
    const ttlMs = app.cache.ttlSeconds * 1000
    const ownLeftMs = lastEventLeftMs(this.state, appId, channel, nowMs)
    if (ownLeftMs !== undefined && (ownLeftMs >= leftMs || nowMs - (ttlMs - ownLeftMs) >= sinceMs)) return
    cacheLastEvent(this.state, app, channel, frame, nowMs, Math.min(leftMs, ttlMs))
  }
}

function broadcast({ topic, frame, exceptSocketId }: RelayedEvent): Effect {
  return { type: 'broadcast', topic, frame, exceptSocketId, scope: 'node' }
}

/** The name of an event; undefined where the text is not a frame. */
function nameOf(frame: string): string | undefined {
  const event = (parseJson(frame) as { event?: unknown } | null | undefined)?.event
  return typeof event === 'string' ? event : undefined
}
