import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { SlowCluster, TestCluster, type TestNode } from '../support/cluster.ts'
import { signingIn, unsubscribing } from '../support/core.ts'

const seed = Number(process.env.FC_SEED ?? 20260131)
const ids = ['a', 'b', 'c']
const info = new Set(['user_count', 'subscription_count'])
const node = fc.constantFrom(...ids)
const socket = fc.constantFrom('1', '2', '3')
const user = fc.constantFrom('u', 'v', 'w')

const step = fc.oneof(
  fc.record({ do: fc.constant('join' as const), node, socket, user }),
  fc.record({ do: fc.constant('subscribe' as const), node, socket }),
  fc.record({ do: fc.constant('reconnect' as const), node, socket, user }),
  fc.record({ do: fc.constant('terminate' as const), node, user }),
  fc.record({ do: fc.constant('sign in' as const), node, socket, user }),
  fc.record({ do: fc.constant('leave' as const), node, socket }),
  fc.record({ do: fc.constant('close' as const), node, socket }),
  fc.record({ do: fc.constant('lose' as const), count: fc.nat(5) }),
  fc.record({ do: fc.constant('deliver' as const) }),
  fc.record({ do: fc.constant('isolate' as const), node }),
  fc.record({ do: fc.constant('cut off' as const), node }),
  fc.record({ do: fc.constant('heal' as const) }),
  fc.record({ do: fc.constant('publish' as const), node }),
  fc.record({ do: fc.constant('disconnect' as const), node }),
  fc.record({ do: fc.constant('connect' as const), node }),
  fc.record({ do: fc.constant('restart' as const), node }),
  fc.record({ do: fc.constant('turn' as const), node }),
  fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 12 }) }),
)

const view = ({ hub: { queries, state } }: TestNode) => ({
  connections: queries.socketCount('1001'),
  channels: Object.fromEntries(queries.channelInfos('1001', '', info, 0).sort()),
  members: queries.userIds('1001', 'presence-x').sort(),
  online: ['u', 'v', 'w'].filter(id => state.users.get('1001')?.isOnline(id)),
})

/** Whether the member events of each user alternate, beginning with what the list of members had. */
function alternate(frames: readonly string[]): boolean {
  const here = new Map<string, boolean>()
  return frames.every(frame => {
    const { event, data } = JSON.parse(frame)
    if (event === 'pusher_internal:subscription_succeeded' && data !== '{}') {
      here.clear()
      for (const id of JSON.parse(data).presence.ids) here.set(id, true)
    }
    if (!/member_/.test(event)) return true
    const isAdded = event.endsWith('added')
    const { user_id: id } = JSON.parse(data)
    const before = here.get(id) ?? false
    here.set(id, isAdded)
    return before !== isAdded
  })
}

test('nodes converge after any sequence of actions, outages and lost messages, and no subscriber receives an event twice', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, isSlow) => {
      const cluster = isSlow ? new SlowCluster(...ids) : new TestCluster(...ids)
      /** A client that connects again has another socket id. */
      const current = new Map<string, string>()
      const open = (nodeId: string, place: string, socketId: string) => {
        current.set(place, socketId)
        cluster.node(nodeId).open(socketId)
      }
      for (const id of ids) for (const number of ['1', '2', '3']) open(id, `${id}${number}`, `${id}${number}`)
      for (const [i, action] of steps.entries()) {
        const at = 'node' in action ? cluster.node(action.node) : undefined
        const place = 'socket' in action ? `${action.node}${action.socket}` : ''
        const socketId = current.get(place) ?? ''
        if (action.do === 'join') at!.join(socketId, 'presence-x', action.user)
        else if (action.do === 'subscribe') at!.join(socketId, 'news')
        else if (action.do === 'reconnect') {
          at!.close(socketId)
          open(action.node, place, `${place}.${i}`)
          at!.join(current.get(place)!, 'presence-x', action.user)
        } else if (action.do === 'terminate') at!.terminate(action.user)
        else if (action.do === 'sign in')
          at!.send(socketId, signingIn(cluster.app, socketId, JSON.stringify({ id: action.user })))
        else if (action.do === 'leave') at!.send(socketId, unsubscribing('presence-x'))
        else if (action.do === 'close') at!.close(socketId)
        else if (action.do === 'lose') cluster.inFlight.splice(0, action.count)
        else if (action.do === 'turn') at!.turn()
        else if (action.do === 'deliver') cluster.deliver()
        else if (action.do === 'isolate') cluster.isolate(action.node)
        else if (action.do === 'cut off') cluster.cutOff(action.node)
        else if (action.do === 'heal') cluster.cutLinks.clear()
        else if (action.do === 'publish') at!.publish('news', String(i))
        else if (action.do === 'disconnect') at!.cluster.onDisconnected()
        else if (action.do === 'connect') at!.cluster.onConnected(cluster.nowMs)
        else if (action.do === 'restart') {
          cluster.kill(action.node)
          cluster.start(action.node)
        } else cluster.advance(action.seconds)
      }
      cluster.cutLinks.clear()
      for (const { cluster: node } of cluster.nodes.values()) node.onConnected(cluster.nowMs)
      cluster.advance(16)
      for (const other of cluster.nodes.values()) {
        expect(view(other)).toEqual(view(cluster.node('a')))
        for (const frames of other.received.values()) {
          expect(alternate(frames)).toBe(true)
          const events = frames.filter(frame => JSON.parse(frame).event === 'e')
          expect(new Set(events).size).toBe(events.length)
        }
      }
      const own = [...cluster.nodes.values()].map(({ hub }) => hub.state.localSocketCounts.get('1001') ?? 0)
      expect(view(cluster.node('a')).connections).toBe(own.reduce((sum, count) => sum + count, 0))
    }),
    { seed, numRuns: 300 },
  )
})
