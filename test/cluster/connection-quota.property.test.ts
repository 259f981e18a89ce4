/** What is left of the clients that nodes accept while they know little of each other. */
import { describe, expect, test } from 'bun:test'
import { socketCount } from '../../src/core/state.ts'
import { TestCluster, type TestNode } from '../support/cluster.ts'
import { fc } from '../support/property.ts'

const limit = 5

class QuotaCluster extends TestCluster {
  override get rules() {
    return { maxConnections: limit }
  }
}

const node = fc.nat(3)
const arrivals = [
  fc.record({ do: fc.constant('open' as const), node, count: fc.integer({ min: 1, max: limit + 2 }) }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(0.5, 1, 300) }),
  fc.record({ do: fc.constant('tick' as const), node }),
  fc.record({ do: fc.constant('deliver' as const), messages: fc.nat(6) }),
  fc.record({ do: fc.constant('lose' as const), messages: fc.nat(3) }),
  fc.record({ do: fc.constant('isolate' as const), node }),
  fc.record({ do: fc.constant('heal' as const) }),
  fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 10 }) }),
]
const departures = [
  fc.record({ do: fc.constant('close' as const), node, place: fc.nat(limit) }),
  fc.record({ do: fc.constant('restart' as const), node }),
]
type Step = typeof arrivals extends readonly fc.Arbitrary<infer A>[]
  ?
      | A
      | (typeof departures extends readonly fc.Arbitrary<infer D>[] ? D : never)
      | (typeof reload extends fc.Arbitrary<infer R> ? R : never)
  : never

/** A socket that was accepted, and its place in the order that all nodes have of them: the millisecond, the node, the number there. */
type Accepted = {
  readonly id: string
  readonly openedAtMs: number
  readonly nodeId: string
  readonly serial: number
  /** The highest quota of its node while it was open. */
  quota: number
}

/** Nodes read a changed quota one after the other. */
const reload = fc.record({ do: fc.constant('reload' as const), node, quota: fc.constantFrom(2, limit, limit + 3) })

const inOrder = (a: Accepted, b: Accepted) =>
  a.openedAtMs - b.openedAtMs || (a.nodeId < b.nodeId ? -1 : a.nodeId > b.nodeId ? 1 : a.serial - b.serial)

class Run {
  readonly cluster: QuotaCluster
  readonly accepted: Accepted[] = []
  readonly departed = new Set<string>()
  private wanted = 0

  constructor(nodes: number) {
    this.cluster = new QuotaCluster(...['a', 'b', 'c', 'd'].slice(0, nodes))
  }

  private at(place: number): TestNode {
    return this.nodes[place % this.nodes.length]!
  }

  get nodes(): TestNode[] {
    return [...this.cluster.nodes.values()]
  }

  /** The sockets that are open on all nodes, in order. */
  get open(): Accepted[] {
    return this.accepted.filter(({ id }) => this.nodes.some(({ hub }) => hub.state.sockets.has(id))).sort(inOrder)
  }

  /** How many clients have tried to connect. */
  get attempts(): number {
    return this.wanted
  }

  do(step: Step): void {
    const { cluster } = this
    if (step.do === 'open') for (let i = 0; i < step.count; i++) this.connect(this.at(step.node))
    else if (step.do === 'pass') cluster.nowMs += step.ms
    else if (step.do === 'tick') this.at(step.node).tick()
    else if (step.do === 'deliver') this.deliver(step.messages)
    else if (step.do === 'lose') cluster.inFlight.splice(0, step.messages)
    else if (step.do === 'isolate') cluster.isolate([...cluster.nodes.keys()][step.node % cluster.nodes.size]!)
    else if (step.do === 'heal') cluster.cutLinks.clear()
    else if (step.do === 'wait') cluster.advance(step.seconds)
    else if (step.do === 'reload') this.reload(this.at(step.node), step.quota)
    else if (step.do === 'close') this.close(this.at(step.node), step.place)
    else this.restart(step.node)
  }

  connect(at: TestNode): void {
    const id = String(++this.wanted)
    at.open(id)
    const { sockets, nodeId, apps } = at.hub.state
    const quota = apps.byId.get(this.cluster.app.id)!.maxConnections
    if (sockets.has(id))
      this.accepted.push({ id, openedAtMs: Math.floor(this.cluster.nowMs), nodeId, serial: this.wanted, quota })
  }

  reload(at: TestNode, quota: number): void {
    at.reload(quota)
    for (const socket of this.accepted) if (at.hub.state.sockets.has(socket.id)) socket.quota = Math.max(socket.quota, quota)
  }

  private deliver(messages: number): void {
    for (let i = 0; i < messages; i++) this.cluster.deliver(1)
  }

  private close(at: TestNode, place: number): void {
    const id = [...at.hub.state.sockets.keys()][place]
    if (id === undefined) return
    this.departed.add(id)
    at.close(id)
  }

  private restart(place: number): void {
    const [name, { hub }] = [...this.cluster.nodes][place % this.cluster.nodes.size]!
    for (const id of hub.state.sockets.keys()) this.departed.add(id)
    this.cluster.kill(name)
    this.cluster.start(name)
  }

  /** The nodes hear of each other again, and nothing else happens. */
  settle(): void {
    this.cluster.cutLinks.clear()
    for (const { cluster } of this.nodes) cluster.onConnected(this.cluster.nowMs)
    this.cluster.advance(16)
  }
}

const ids = (sockets: readonly Accepted[]) => sockets.map(({ id }) => id)

describe('after nodes that know little of each other have accepted too many clients', () => {
  test('the oldest are left, as many as the app may have, whatever was late or lost', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 4 }),
        fc.array(fc.oneof(...arrivals), { maxLength: 40, size: 'max' }),
        (nodes, steps) => {
          const run = new Run(nodes)
          for (const step of steps) {
            run.do(step)
            const oldest = run.accepted.toSorted(inOrder).slice(0, limit)
            expect(ids(run.open).slice(0, oldest.length)).toEqual(ids(oldest))
          }
          run.settle()
          expect(ids(run.open)).toEqual(ids(run.accepted.toSorted(inOrder).slice(0, limit)))
          expect(run.open).toHaveLength(Math.min(limit, run.attempts))
        },
      ),
    )
  })

  test('where those that leave are heard of at once, each that is closed has as many before it at that moment', () => {
    const [open, pass, tick] = arrivals
    const steps = fc.array(fc.oneof(open!, pass!, tick!, departures[0]!), { maxLength: 60, size: 'max' })
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4 }), steps, (nodes, steps) => {
        const run = new Run(nodes)
        for (const step of steps) {
          const before = ids(run.open)
          run.do(step)
          if (step.do === 'tick') {
            const left = new Set(ids(run.open))
            expect(before.slice(0, limit).filter(id => !left.has(id))).toEqual([])
          }
          if (step.do === 'close' || step.do === 'tick') run.cluster.deliver()
        }
        const before = ids(run.open)
        run.settle()
        expect(ids(run.open)).toEqual(before.slice(0, limit))
      }),
    )
  })

  test('those that leave make room, and nobody is closed who has never had as many before', () => {
    const steps = fc.array(fc.oneof(...arrivals, ...departures), { maxLength: 40, size: 'max' })
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4 }), steps, (nodes, steps) => {
        const run = new Run(nodes)
        for (const step of steps) run.do(step)
        run.settle()
        expect(run.open.length).toBeLessThanOrEqual(limit)
        const inAll = run.accepted.toSorted(inOrder)
        const open = new Set(ids(run.open))
        const closed = inAll.filter(({ id }) => !open.has(id) && !run.departed.has(id))
        for (const socket of closed) expect(inAll.indexOf(socket)).toBeGreaterThanOrEqual(limit)
        for (const { hub } of run.nodes) expect(socketCount(hub.state, run.cluster.app.id)).toBe(run.open.length)
        for (let i = 0; i < limit; i++) {
          run.connect(run.nodes[i % nodes]!)
          run.cluster.deliver()
        }
        expect(run.open).toHaveLength(limit)
      }),
    )
  })
})

describe('while nodes read a changed quota one after the other', () => {
  test('nobody is closed whom a node has accepted within its quota, where they hear of each other at once', () => {
    const steps = fc.array(fc.oneof(reload, ...arrivals.slice(0, 3), departures[0]!), { maxLength: 60, size: 'max' })
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4 }), steps, (nodes, steps) => {
        const run = new Run(nodes)
        for (const step of steps) {
          for (let i = 0; i < (step.do === 'open' ? step.count : 1); i++) {
            run.cluster.nowMs++
            run.do(step.do === 'open' ? { ...step, count: 1 } : step)
            run.cluster.deliver()
          }
        }
        run.settle()
        expect(ids(run.open)).toEqual(ids(run.accepted.filter(({ id }) => !run.departed.has(id))))
      }),
    )
  })

  test('those alone are closed before which there were as many as the quota of their time, whatever was late or lost', () => {
    const steps = fc.array(fc.oneof(reload, ...arrivals), { maxLength: 40, size: 'max' })
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4 }), fc.constantFrom(2, limit), steps, (nodes, last, steps) => {
        const run = new Run(nodes)
        for (const step of steps) run.do(step)
        for (const node of run.nodes) run.reload(node, last)
        run.settle()
        const inAll = run.accepted.toSorted(inOrder)
        const open = new Set(ids(run.open))
        for (const socket of inAll) {
          if (!open.has(socket.id)) expect(inAll.indexOf(socket)).toBeGreaterThanOrEqual(socket.quota)
        }
        for (const [place, { quota }] of run.open.entries()) expect(place).toBeLessThan(quota)
      }),
    )
  })
})
