/** A backplane that fails again and again, each time with messages that it has delivered to some nodes only. */
import { expect, test } from 'bun:test'
import { TestCluster } from '../support/cluster.ts'
import { fc } from '../support/property.ts'

const ids = ['a', 'b', 'c']
const node = fc.constantFrom(...ids)
/** Of these, the last one starts later. */
const anyNode = fc.constantFrom(...ids, 'd')
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('publish' as const), node }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('deliver' as const), count: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(100, 1000, 2000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('fail' as const), received: fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(9)) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('connect' as const), node: anyNode }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('start' as const) }) },
)

/** A cluster with a subscriber on each node, in which a node that is not connected receives nothing. */
class FailingCluster extends TestCluster {
  readonly connected = new Set(ids)

  constructor() {
    super(...ids)
    for (const id of ids) this.subscribe(id)
    this.advance()
  }

  subscribe(id: string): void {
    this.node(id).open(`s-${id}`)
    this.node(id).join(`s-${id}`, 'news')
  }

  /** Delivers so many messages. */
  deliverSome(count: number): void {
    for (let i = 0; i < count; i++) {
      for (const one of this.nodes.values()) one.flush()
      const next = this.inFlight.shift()
      if (next === undefined) return
      for (const id of this.connected) this.node(id).receive(next.text)
    }
  }

  tick(ms: number): void {
    this.nowMs += ms
    for (const one of this.nodes.values()) one.tick()
  }

  /** The backplane fails: each node that is connected has received so many of the messages in flight, and the others are lost. */
  fail(received: readonly number[]): void {
    const lost = this.inFlight.splice(0)
    for (const [i, id] of [...this.nodes.keys()].entries()) {
      if (!this.connected.delete(id)) continue
      for (const { text } of lost.slice(0, received[i])) this.node(id).receive(text)
    }
    for (const one of this.nodes.values()) one.cluster.onDisconnected()
  }

  connect(id: string): void {
    if (!this.nodes.has(id) || this.connected.has(id)) return
    this.connected.add(id)
    this.node(id).cluster.onConnected(this.nowMs)
  }

  events(id: string, of: string): string[] {
    const frames = this.node(id)
      .received.get(`s-${id}`)!
      .map(frame => JSON.parse(frame) as { event: string; data: string })
    return frames.flatMap(({ event, data }) => (event === 'e' && data.startsWith(of) ? [data] : []))
  }
}

test('nodes receive the events of all once and in order, however often the backplane fails; one that starts, from some event on', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const cluster = new FailingCluster()
      const published = new Map<string, string[]>(ids.map(id => [id, []]))
      for (const [i, action] of steps.entries()) {
        if (action.do === 'publish') {
          cluster.node(action.node).publish('news', `${action.node}${i}`)
          published.get(action.node)!.push(`${action.node}${i}`)
        } else if (action.do === 'deliver') cluster.deliverSome(action.count)
        else if (action.do === 'wait') cluster.tick(action.ms)
        else if (action.do === 'fail') cluster.fail(action.received)
        else if (action.do === 'start') {
          if (cluster.nodes.has('d')) continue
          cluster.start('d', { isUp: false })
          cluster.subscribe('d')
          cluster.connect('d')
        } else cluster.connect(action.node)
      }
      for (const id of cluster.nodes.keys()) cluster.connect(id)
      cluster.advance(20)
      for (const [from, events] of published) for (const id of ids) expect(cluster.events(id, from)).toEqual(events)
      if (!cluster.nodes.has('d')) return
      for (const [from, events] of published) {
        const got = cluster.events('d', from)
        expect(got).toEqual(got.length === 0 ? [] : events.slice(-got.length))
      }
    }),
    { numRuns: 200 },
  )
})
