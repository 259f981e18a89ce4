/** What every backplane has to do, as tests. */
import { describe, expect, test } from 'bun:test'
import type { Backplane, BackplaneListener } from '../../src/cluster/backplane.ts'
import { userIds } from '../../src/core/query.ts'
import { testApp } from './apps.ts'
import { TestNode } from './cluster.ts'
import { until } from './until.ts'

/** A kind of backplane, with one channel of its own. */
export type Kind = AsyncDisposable & {
  readonly connect: (listener: BackplaneListener) => Promise<Backplane>
  /** Disconnects every node until `reconnect`. */
  readonly disconnect: () => Promise<void>
  readonly reconnect: () => Promise<void>
}

export function backplaneContract(name: string, start: () => Promise<Kind>): void {
  describe(name, () => {
    test('delivers each message once to every node, the sender included, in the same order', async () => {
      await using kind = await start()
      await using one = await Endpoint.of(kind)
      await using two = await Endpoint.of(kind)
      await using three = await Endpoint.of(kind)
      const endpoints = [one, two, three]
      for (let i = 0; i < 1000; i++) for (const [k, endpoint] of endpoints.entries()) endpoint.send(`${k} ${i}`)
      await received(endpoints, 3000)
      for (const { messages } of endpoints) {
        // In the order of each sender, and in the same order for all.
        for (const k of [0, 1, 2])
          expect(messages.filter(message => message.startsWith(`${k} `))).toEqual(
            Array.from({ length: 1000 }, (_, i) => `${k} ${i}`),
          )
        expect(messages).toEqual(one.messages)
      }
    })

    test('delivers messages of any characters and of 1 MB unchanged', async () => {
      await using kind = await start()
      await using one = await Endpoint.of(kind)
      await using two = await Endpoint.of(kind)
      const sent = ['[1,"x",{"a":"é 漢 😀"}]', '"\\u0000\\u2028"', ' ', JSON.stringify('x'.repeat(1_000_000))]
      for (const message of sent) one.send(message)
      await received([one, two], sent.length)
      expect([one.messages, two.messages]).toEqual([sent, sent])
    })

    test('calls no listener before the caller has the backplane, and delivers no earlier message', async () => {
      await using kind = await start()
      await using one = await Endpoint.of(kind)
      one.send('early')
      await received([one], 1)
      await using late = await Endpoint.of(kind)
      expect(late.tooEarly).toEqual([])
      one.send('late')
      await received([late], 1)
      expect(late.messages).toEqual(['late'])
    })

    test('delivers what a node has sent before it closes, and neither sends nor delivers for it afterwards', async () => {
      await using kind = await start()
      await using one = await Endpoint.of(kind)
      const two = await Endpoint.of(kind)
      for (let i = 0; i < 100; i++) two.send(String(i))
      const closed = two.close()
      // This message is in flight before the connection of the other node has ended.
      one.send('before the end')
      await closed
      two.send('after close')
      one.send('after the end')
      await until('every message has arrived', () => one.messages.includes('after the end'))
      expect(one.messages.filter(message => !message.endsWith('the end'))).toEqual(
        Array.from({ length: 100 }, (_, i) => String(i)),
      )
      expect(two.messages.filter(message => Number.isNaN(Number(message)))).toEqual([])
      expect(two.states).toEqual(['connected'])
    })

    test('reports an outage once, with a reason, and loses what is sent in it', async () => {
      await using kind = await start()
      await using one = await Endpoint.of(kind)
      await using two = await Endpoint.of(kind)
      await kind.disconnect()
      for (const endpoint of [one, two]) {
        await until('the outage is reported', () => endpoint.states.length > 1)
        expect(endpoint.reason).not.toBe('')
      }
      one.send('lost')
      await kind.reconnect()
      for (const endpoint of [one, two]) await until('the end of the outage is reported', () => endpoint.states.length > 2)
      one.send('delivered')
      await received([one, two], 1)
      expect([one.messages, two.messages]).toEqual([['delivered'], ['delivered']])
      expect([one.states, two.states]).toEqual([
        ['connected', 'disconnected', 'connected'],
        ['connected', 'disconnected', 'connected'],
      ])
    })

    test('makes its nodes one cluster: members, counts, and each event once, also those of an outage', async () => {
      await using kind = await start()
      const nodes = [await ConnectedNode.of(kind, 'a'), await ConnectedNode.of(kind, 'b'), await ConnectedNode.of(kind, 'c')]
      await using _a = nodes[0]!
      await using _b = nodes[1]!
      await using _c = nodes[2]!
      for (const { node, id } of nodes) {
        node.open(id)
        node.join(id, 'presence-x', id)
      }
      const agree = (members: string[]) =>
        until(`all have the members ${members}`, () => nodes.every(({ members: here }) => Bun.deepEquals(here, members)))
      await agree(['a', 'b', 'c'])
      nodes[0]!.node.publish('presence-x', 'before')
      await until('the event has arrived', () => nodes.every(({ events }) => events.length === 1))
      await kind.disconnect()
      await until('all are disconnected', () => nodes.every(({ isConnected }) => !isConnected))
      nodes[2]!.node.close('c')
      nodes[0]!.node.publish('presence-x', 'meanwhile')
      nodes[1]!.node.publish('presence-x', 'meanwhile too')
      await kind.reconnect()
      await agree(['a', 'b'])
      nodes[0]!.node.publish('presence-x', 'after')
      const expected = ['after', 'before', 'meanwhile', 'meanwhile too']
      const subscribed = nodes.slice(0, 2)
      await until('all events have arrived', () => subscribed.every(({ events }) => events.length >= expected.length))
      for (const { events } of subscribed) expect(events.sort()).toEqual(expected)
    })
  })
}

const checkMs = 1000

/** Resolves when each of them has received so many messages. */
async function received(endpoints: readonly Endpoint[], count: number): Promise<void> {
  await until(`${count} messages have arrived at each endpoint`, () =>
    endpoints.every(({ messages }) => messages.length >= count),
  )
}

/** A backplane with its listener. The backplane is checked as a server does it. */
class Endpoint implements AsyncDisposable {
  readonly messages: string[] = []
  readonly states: ('connected' | 'disconnected')[] = []
  /** Calls of the listener before the caller had the backplane. */
  readonly tooEarly: string[] = []
  reason = ''
  private backplane: Backplane | undefined
  private readonly checks = setInterval(() => this.backplane?.check?.(performance.now()), checkMs)

  /** Resolves when it is connected. */
  static async of(kind: Kind): Promise<Endpoint> {
    const endpoint = new Endpoint()
    endpoint.backplane = await kind.connect({
      onMessage: message => endpoint.record('message', () => endpoint.messages.push(message)),
      onConnected: () => endpoint.record('connected', () => endpoint.states.push('connected')),
      onDisconnected: reason => {
        endpoint.record('disconnected', () => endpoint.states.push('disconnected'))
        endpoint.reason = reason
      },
      onClosed: () => endpoint.record('closed', () => {}),
    })
    await until('it is connected', () => endpoint.states.length > 0)
    return endpoint
  }

  send(message: string): void {
    this.backplane!.send(message)
  }

  async close(): Promise<void> {
    clearInterval(this.checks)
    await this.backplane!.close()
  }

  private record(call: string, act: () => void): void {
    if (this.backplane === undefined) this.tooEarly.push(call)
    act()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** A node that is connected to a backplane, with the clock of the process. */
class ConnectedNode implements AsyncDisposable {
  readonly node: TestNode
  isConnected = false
  private backplane: Backplane | undefined
  private readonly turns = setInterval(() => this.node.flush(), 1)
  private readonly ticks = setInterval(() => {
    this.node.tick()
    this.backplane?.check?.(performance.now())
  }, checkMs)

  private constructor(readonly id: string) {
    const environment = {
      app: testApp(),
      units: undefined,
      get nowMs() {
        return performance.now()
      },
    }
    this.node = new TestNode(environment, id, message => this.backplane!.send(message))
  }

  static async of(kind: Kind, id: string): Promise<ConnectedNode> {
    const connected = new ConnectedNode(id)
    const { cluster } = connected.node
    connected.backplane = await kind.connect({
      onMessage: message => connected.node.receive(message),
      onConnected: () => {
        connected.isConnected = true
        cluster.onConnected(performance.now())
      },
      onDisconnected: () => {
        connected.isConnected = false
        cluster.onDisconnected()
      },
      onClosed: () => {},
    })
    await until('it is connected', () => connected.isConnected)
    return connected
  }

  get members(): string[] {
    return userIds(this.node.hub.state, '1001', 'presence-x')
      .map(id => JSON.parse(id))
      .sort()
  }

  get events(): string[] {
    return this.node.received.get(this.id)!.flatMap(frame => {
      const { event, data } = JSON.parse(frame)
      return event === 'e' ? [data] : []
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.turns)
    clearInterval(this.ticks)
    await this.backplane!.close()
  }
}
