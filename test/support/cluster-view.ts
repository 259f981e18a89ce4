/** What tests look at in the nodes of a `TestCluster`. */
import { decode, type Envelope } from '../../src/cluster/envelope.ts'
import { lastEvent } from '../../src/core/last-events.ts'
import type { TestCluster, TestNode } from './cluster.ts'

const info = new Set(['user_count', 'subscription_count'])

/** What a node answers to queries. */
export const view = ({ hub: { queries } }: TestNode) => ({
  connections: queries.socketCount('1001'),
  channels: Object.fromEntries(queries.channelInfos('1001', '', info, 0).sort()),
  users: queries.userIds('1001', 'presence-x').sort(),
})

/** The event that a node has cached of the channel `cache-x`. */
export const cachedEvent = (cluster: TestCluster, id: string) =>
  lastEvent(cluster.node(id).hub.state, '1001', 'cache-x', cluster.nowMs)

/** The member events that a socket has been sent. */
export const memberEvents = (node: TestNode, socketId: string) =>
  node.received.get(socketId)!.flatMap(frame => {
    const { event, data } = JSON.parse(frame)
    return /member_/.test(event) ? [`${event.slice(23)} ${JSON.parse(data).user_id}`] : []
  })

/** The messages of that type that a node sends from now on. */
export function recordMessages(cluster: TestCluster, from: string, type: string): string[] {
  const messages: string[] = []
  cluster.onSend = ({ from: sender, text }) => {
    if (sender === from && (decode(text, 'key') as Envelope).body.type === type) messages.push(text)
  }
  return messages
}
