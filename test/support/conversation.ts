/**
 * A conversation of two nodes, step by step, in which every kind of message is sent. It is recorded with two nodes of a release, and
 * repeated with nodes of this one.
 */
import type { TestCluster, TestNode } from './cluster.ts'
import { signedSubscribing, signingIn, unsubscribing } from './core.ts'

/** Lone surrogates and other characters that JSON escapes, and some that it does not. */
export const awkward = '"\\/\u0000\u001f\u007f\u2028\ud800 \udc00 😀é'
export const awkwardChannel = `news-${awkward}`

/** In a recording, the node `current` is in the place of one of this release. */
type NodeName = 'current' | 'earlier'
type Act = (node: TestNode, cluster: TestCluster) => void

type Step = {
  readonly title: string
  /** The node that starts. */
  readonly starts?: NodeName
  readonly acts?: Partial<Record<NodeName, Act>>
  /** A second passes before the nodes act. */
  readonly isSecond?: boolean
  /** What is sent in this step reaches no node. */
  readonly isLost?: boolean
}

export type Line = { readonly from: NodeName; readonly text: string }
export type Round = { readonly step: string; readonly lines: readonly Line[] }

const second: Step = { title: 'a second passes', isSecond: true }
const both = (act: Act) => ({ current: act, earlier: act })

function joinAs(node: TestNode, { app }: TestCluster, socketId: string, member: object): void {
  node.send(socketId, signedSubscribing(app, socketId, 'presence-x', JSON.stringify(member)))
}

function signIn(node: TestNode, { app }: TestCluster, socketId: string, id: string): void {
  node.send(socketId, signingIn(app, socketId, JSON.stringify({ id })))
}

const steps: readonly Step[] = [
  { title: 'the current node starts', starts: 'current' },
  {
    title: 'its clients subscribe',
    acts: {
      current(node, cluster) {
        for (const socketId of ['c1', 'c2', 'c3']) node.open(socketId)
        for (const channel of ['news', awkwardChannel, 'cache-x', 'cache-y']) node.join('c1', channel)
        joinAs(node, cluster, 'c1', { user_id: 'here' })
        signIn(node, cluster, 'c2', 'user')
        signIn(node, cluster, 'c3', awkward)
      },
    },
  },
  second,
  { title: 'it publishes to a cache channel', acts: { current: node => node.publish('cache-x', 'of current') } },
  { title: 'the earlier node starts', starts: 'earlier' },
  second,
  second,
  {
    title: 'clients of the earlier node subscribe, join and sign in',
    acts: {
      earlier(node, cluster) {
        for (const socketId of ['e1', 'e2', 'e3']) node.open(socketId)
        for (const channel of ['news', awkwardChannel]) node.join('e1', channel)
        joinAs(node, cluster, 'e1', { user_id: 7 })
        joinAs(node, cluster, 'e2', { user_id: awkward, user_info: { name: awkward, list: [1, null, true] } })
        signIn(node, cluster, 'e2', awkward)
        signIn(node, cluster, 'e3', 'user')
      },
    },
  },
  {
    title: 'the earlier node publishes',
    acts: {
      earlier(node) {
        node.publish('news', 'first')
        node.publish('news', 'not to the client that caused it', 'c1')
        node.publish(awkwardChannel, awkward)
        node.publish('cache-y', 'of earlier')
      },
    },
  },
  {
    title: 'the current node publishes',
    acts: {
      current(node) {
        node.publish('news', 'second', 'e2')
        node.publish(awkwardChannel, awkward)
      },
    },
  },
  second,
  {
    title: 'a user is terminated at the earlier node',
    acts: { earlier: (node, { app }) => node.cluster.terminate(app.id, awkward) },
  },
  {
    title: 'clients of the earlier node leave',
    acts: {
      earlier(node) {
        node.send('e1', unsubscribing('presence-x'))
        node.close('e3')
      },
    },
  },
  // Nodes of this release send again what was published in the last five seconds.
  ...Array.from({ length: 6 }, () => second),
  {
    title: 'the backplane fails, and both nodes publish',
    acts: both(node => node.publish('news', `lost and sent again, of ${node.received.has('c1') ? 'current' : 'earlier'}`)),
    isLost: true,
  },
  {
    title: 'both nodes are disconnected',
    acts: both(node => {
      node.cluster.onDisconnected()
      node.publish('news', 'in the outage')
    }),
  },
  { title: 'both nodes have connected again', acts: both((node, { nowMs }) => node.cluster.onConnected(nowMs)) },
  second,
  second,
  second,
  {
    title: 'a user is terminated at the current node',
    acts: { current: (node, { app }) => node.cluster.terminate(app.id, awkward) },
  },
  { title: 'the earlier node is about to stop', acts: { earlier: (node, { nowMs }) => node.cluster.announceStop(nowMs) } },
  { title: 'it publishes its last event', acts: { earlier: node => node.publish('news', 'last') } },
  { title: 'it leaves', acts: { earlier: (node, { nowMs }) => node.cluster.leave(nowMs) } },
]

/** Has the nodes that there are do a step. What they send is in flight afterwards. */
function perform(cluster: TestCluster, { acts = {}, isSecond = false }: Step): void {
  if (isSecond) {
    cluster.nowMs += 1000
    for (const node of cluster.nodes.values()) node.tick()
  }
  for (const [name, node] of cluster.nodes) acts[name as NodeName]?.(node, cluster)
}

/** Has both nodes of an empty cluster do every step, and returns what they have sent. */
export function record(cluster: TestCluster): Round[] {
  return steps.map(step => {
    const lines: Line[] = []
    cluster.onSend = ({ from, text }) => void lines.push({ from: from as NodeName, text })
    if (step.starts !== undefined) cluster.start(step.starts)
    perform(cluster, step)
    if (step.isLost === true) cluster.inFlight.length = 0
    else cluster.deliver()
    return { step: step.title, lines }
  })
}

/**
 * Has the current node of an empty cluster do every step alone, and sends it what the earlier node has sent in the recording.
 *
 * @param onLine called with each line that the current node has sent in the recording, and what it has sent now
 * @param onStep called after each step
 */
export function replay(
  cluster: TestCluster,
  rounds: readonly Round[],
  { onLine, onStep }: { onLine: (recorded: string, sent: string | undefined) => void; onStep: (title: string) => void },
): void {
  for (const [i, step] of steps.entries()) {
    if (step.starts === 'current') cluster.start('current')
    const node = cluster.node('current')
    perform(cluster, step)
    for (const { from, text } of rounds[i]!.lines) {
      node.flush()
      const sent = from === 'current' ? cluster.inFlight.shift()?.text : text
      if (from === 'current') onLine(text, sent)
      if (step.isLost !== true && sent !== undefined) node.receive(sent)
    }
    node.flush()
    onStep(step.title)
  }
}
