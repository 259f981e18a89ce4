/** Members that leave and join in quick succession, on several nodes. Each client keeps its list of members as pusher-js does. */
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { windowMs } from '../../src/core/announcements.ts'
import { SlowCluster, TestCluster } from '../support/cluster.ts'
import { signedSubscribing, unsubscribing } from '../support/core.ts'

const seed = Number(process.env.FC_SEED ?? 20261129)
const ids = ['a', 'b']
const channel = 'presence-x'
const users = ['u', 'v', 'w']
const node = fc.constantFrom(...ids)
const socket = fc.constantFrom('1', '2', '3')
const user = fc.constantFrom(...users)

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('join' as const), node, socket, user }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('leave' as const), node, socket }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('churn' as const),
      node,
      socket,
      user,
      times: fc.integer({ min: 1, max: 4 }),
      changes: fc.boolean(),
      stays: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reconnect' as const), node, socket, user }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(10, 90, 400, 1100) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), node }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('turn' as const), node }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), node }) },
)

/** A member event. `list` counts the lists of members that the client had received before it. */
type ReceivedEvent = { readonly atMs: number; readonly list: number; readonly event: string; readonly key: string }

/** The list of members as pusher-js keeps it, and the events that it emits. @throws on an event that pusher-js ignores */
class Client {
  private readonly members = new Map<string, unknown>()
  private readFrames = 0
  private lists = 0
  readonly received: ReceivedEvent[] = []
  /** The user that it has joined as. */
  me: string | undefined

  constructor(private readonly frames: readonly string[]) {}

  read(atMs: number): void {
    for (const frame of this.frames.slice(this.readFrames)) {
      this.readFrames++
      const { event, data } = JSON.parse(frame) as { event: string; data: string }
      if (event === 'pusher_internal:subscription_succeeded' && data !== '{}') {
        this.lists++
        this.members.clear()
        for (const [key, info] of Object.entries(JSON.parse(data).presence.hash)) this.members.set(key, info)
      }
      if (!event.startsWith('pusher_internal:member_')) continue
      const { user_id: key, user_info: info } = JSON.parse(data)
      const isAdded = event.endsWith('added')
      if (this.members.has(key) === isAdded) throw new Error(`${event} of ${key}, whom the client ${isAdded ? 'has' : 'has not'}`)
      if (key === this.me) throw new Error(`${event} of the client's own user`)
      if (isAdded) this.members.set(key, info)
      else this.members.delete(key)
      this.received.push({ atMs, list: this.lists, event, key })
    }
  }

  get list(): Record<string, unknown> {
    return Object.fromEntries([...this.members].sort())
  }
}

test('no client is sent a join of a member on its list, nor a leave of one that is not on it; in the end every list is right', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.boolean(), (steps, isSlow) => {
      const cluster = isSlow ? new SlowCluster(...ids) : new TestCluster(...ids)
      const clients = new Map<string, Client>()
      /** The `user_info` that the application signs for each user. */
      const infos = new Map(users.map(key => [key, 0]))
      /** A client that connects again has another socket id. */
      const current = new Map<string, string>()
      let opened = 0
      const reopen = (nodeId: string, place: string) => {
        current.set(place, `${place}.${opened++}`)
        open(nodeId, current.get(place)!)
      }
      const open = (nodeId: string, socketId: string) => {
        cluster.node(nodeId).open(socketId)
        clients.set(socketId, new Client(cluster.node(nodeId).received.get(socketId)!))
      }
      const join = (nodeId: string, socketId: string, key: string) => {
        clients.get(socketId)!.me = key
        const data = JSON.stringify({ user_id: key, user_info: infos.get(key) })
        cluster.node(nodeId).send(socketId, signedSubscribing(cluster.app, socketId, channel, data))
      }
      const leave = (nodeId: string, socketId: string) => {
        clients.get(socketId)!.me = undefined
        cluster.node(nodeId).send(socketId, unsubscribing(channel))
      }
      /** A node that has left is deleted in turns: one of the others may still have its members. */
      const isOnline = (key: string) =>
        [...cluster.nodes.values()].some(({ hub }) => hub.queries.userIds('1001', channel).includes(JSON.stringify(key)))
      /** As with Reverb, clients are not sent other data of a user who is online. */
      const change = (key: string) => {
        if (!isOnline(key)) infos.set(key, infos.get(key)! + 1)
      }
      const listen = () => {
        cluster.deliver()
        for (const client of clients.values()) client.read(cluster.nowMs)
      }
      const wait = (ms: number) => {
        for (const until = cluster.nowMs + ms; cluster.nowMs < until; ) {
          cluster.nowMs = Math.min(until, cluster.nowMs + 100)
          for (const node of cluster.nodes.values()) node.tick()
          listen()
        }
      }
      for (const id of ids) for (const number of ['1', '2', '3']) reopen(id, `${id}${number}`)
      for (const action of steps) {
        const place = 'socket' in action ? `${action.node}${action.socket}` : ''
        const socketId = current.get(place) ?? ''
        const places = 'node' in action ? ['1', '2', '3'].map(number => `${action.node}${number}`) : []
        if (action.do === 'join') join(action.node, socketId, action.user)
        else if (action.do === 'leave') leave(action.node, socketId)
        else if (action.do === 'churn') {
          for (let i = 0; i < action.times; i++) {
            if (action.changes) change(action.user)
            join(action.node, socketId, action.user)
            listen()
            leave(action.node, socketId)
            listen()
          }
          if (action.stays) join(action.node, socketId, action.user)
        } else if (action.do === 'reconnect') {
          cluster.node(action.node).close(socketId)
          reopen(action.node, place)
          join(action.node, current.get(place)!, action.user)
        } else if (action.do === 'wait') wait(action.ms)
        else if (action.do === 'turn') cluster.node(action.node).turn()
        else if (action.do === 'close') {
          // All at once: more than is done in one turn.
          for (const one of places) cluster.node(action.node).close(current.get(one)!)
          for (const one of places) reopen(action.node, one)
        } else {
          for (const one of places) clients.delete(current.get(one)!)
          cluster.node(action.node).cluster.leave(cluster.nowMs)
          cluster.kill(action.node)
          cluster.start(action.node)
          for (const one of places) reopen(action.node, one)
        }
        listen()
      }
      wait(20 * windowMs)
      for (const { hub, received } of cluster.nodes.values()) {
        expect([...hub.state.unsettledChannels, ...hub.state.unsettledUsers]).toEqual([])
        const there = Object.fromEntries([...infos].filter(([key]) => isOnline(key)).sort())
        for (const socketId of received.keys()) {
          const isOn = hub.state.sockets.get(socketId)?.subscriptions.has(channel)
          if (isOn) expect(clients.get(socketId)!.list).toEqual(there)
        }
      }
      for (const { received } of clients.values()) {
        for (const event of received) {
          const same = received.filter(
            other => other.event === event.event && other.key === event.key && other.list === event.list,
          )
          // The end of one window and the beginning of the next can be close together.
          const soon = same.filter(({ atMs }) => atMs >= event.atMs && atMs < event.atMs + windowMs)
          expect(soon.length, `${event.event} of ${event.key}`).toBeLessThanOrEqual(2)
        }
      }
    }),
    { seed, numRuns: 200 },
  )
})
