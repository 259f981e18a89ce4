/** What `Backplane` states, as tests of one kind of backplane. */
import { describe, expect, test } from 'bun:test'
import { type Connect, ConnectedNode, Endpoint } from './backplane-nodes.ts'
import { until } from './until.ts'

/** One channel of messages, between nodes that it alone connects. */
type Channel = AsyncDisposable & {
  readonly connect: Connect
  /** Disconnects every node until `reconnect`. Absent where nodes do not connect again. */
  readonly disconnect?: () => Promise<void>
  readonly reconnect?: () => Promise<void>
}

/** A kind of backplane. Where it offers less than another one, a test pins what it does instead. */
type Kind = {
  readonly start: () => Promise<Channel>
  /** How many nodes it connects. With two, neither is connected before the other one is. */
  readonly nodes: 2 | 'many'
  /** Whether the messages of all senders arrive in the same order at every node. */
  readonly hasCommonOrder: boolean
  /** Whether nodes connect again after an outage. */
  readonly reconnects: boolean
}

export function backplaneContract(name: string, kind: Kind): void {
  describe(name, () => {
    describe('send', () => testSend(kind))
    describe('close', () => testClose(kind))
    describe('a node', () => testNodes(kind))
    if (kind.reconnects) describe('an outage', () => testOutage(kind))
    else testEnd(kind)
  })
}

/** As many as the kind connects, three at most. */
const countOf = ({ nodes }: Kind) => (nodes === 'many' ? 3 : nodes)

const numbers = (count: number, prefix = '') => Array.from({ length: count }, (_, i) => `${prefix}${i}`)

/** Endpoints on one channel, all of them connected. */
class Endpoints implements AsyncDisposable {
  private constructor(
    readonly channel: Required<Channel>,
    readonly all: readonly Endpoint[],
  ) {}

  static async connected({ start }: Kind, count: number): Promise<Endpoints> {
    const channel = await start()
    const all: Endpoint[] = []
    for (let i = 0; i < count; i++) all.push(await Endpoint.opened(channel.connect))
    for (const endpoint of all) await endpoint.is('connected')
    return new Endpoints(channel as Required<Channel>, all)
  }

  async haveReceived(count: number): Promise<void> {
    for (const endpoint of this.all) await endpoint.hasReceived(count)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const endpoint of this.all) await endpoint.close()
    await this.channel[Symbol.asyncDispose]()
  }
}

function testSend(kind: Kind): void {
  const order = kind.hasCommonOrder ? 'in an order that is the same for all' : 'in the order of each sender'

  test(`delivers each message once to every node, the sender included, ${order}`, async () => {
    const count = countOf(kind)
    await using endpoints = await Endpoints.connected(kind, count)
    for (let i = 0; i < 1000; i++) for (const [k, endpoint] of endpoints.all.entries()) endpoint.send(`${k} ${i}`)
    await endpoints.haveReceived(count * 1000)
    for (const { messages } of endpoints.all) {
      expect(messages).toHaveLength(count * 1000)
      for (const k of endpoints.all.keys())
        expect(messages.filter(message => message.startsWith(`${k} `))).toEqual(numbers(1000, `${k} `))
      if (kind.hasCommonOrder) expect(messages).toEqual(endpoints.all[0]!.messages)
    }
  })

  test('delivers messages of any characters and of 1 MB unchanged', async () => {
    await using endpoints = await Endpoints.connected(kind, 2)
    const sent = ['[1,"x",{"a":"é 漢 😀"}]', '"\\u0000\\u2028"', ' ', '\u2028', JSON.stringify('x'.repeat(1_000_000))]
    for (const message of sent) endpoints.all[0]!.send(message)
    await endpoints.haveReceived(sent.length)
    for (const { messages } of endpoints.all) expect(messages).toEqual(sent)
  })

  test('returns before the listener is called with the message', async () => {
    await using endpoints = await Endpoints.connected(kind, 2)
    const [one] = endpoints.all as [Endpoint]
    one.send('a')
    expect(one.messages).toEqual([])
    await endpoints.haveReceived(1)
  })
}

function testClose(kind: Kind): void {
  test('lets what was sent before be delivered, and accepts nothing afterwards', async () => {
    await using endpoints = await Endpoints.connected(kind, 2)
    const [one, two] = endpoints.all as [Endpoint, Endpoint]
    for (const message of numbers(100)) two.send(message)
    const closed = two.close()
    two.send('after close')
    await closed
    two.send('after the end')
    await one.hasReceived(100)
    one.send('last')
    await until('the last message has arrived, or the backplane is closed', () =>
      `${one.messages} ${one.states}`.match(/last|closed/),
    )
    expect(one.messages.filter(message => message !== 'last')).toEqual(numbers(100))
  })

  test('is the last that the listener has to do with: nothing that is in flight is delivered', async () => {
    await using endpoints = await Endpoints.connected(kind, 2)
    const [one, two] = endpoints.all as [Endpoint, Endpoint]
    one.send('before')
    await endpoints.haveReceived(1)
    one.send('in flight')
    two.send('echo in flight')
    await two.close()
    await one.hasReceived(3)
    expect(two.messages).toEqual(['before'])
    expect(two.states).toEqual(['connected'])
  })

  test('may be called again', async () => {
    await using endpoints = await Endpoints.connected(kind, 2)
    const [one] = endpoints.all as [Endpoint]
    await Promise.all([one.close(), one.close()])
    expect(one.states).toEqual(['connected'])
  })
}

function testNodes(kind: Kind): void {
  test('is called with nothing before its caller has the backplane, and with no message from before it has connected', async () => {
    await using channel = await kind.start()
    await using one = await Endpoint.opened(channel.connect)
    // Where there are two nodes at most, the first is not connected yet, and this message is lost for it as well.
    const early = kind.nodes === 'many' ? ['early'] : []
    if (kind.nodes === 'many') await one.is('connected')
    one.send('early')
    await one.hasReceived(early.length)
    await using late = await Endpoint.opened(channel.connect)
    for (const endpoint of [one, late]) await endpoint.is('connected')
    one.send('late')
    for (const endpoint of [one, late]) await until('the message arrives', () => endpoint.messages.includes('late'))
    expect([one.messages, late.messages]).toEqual([[...early, 'late'], ['late']])
    expect([one.tooEarly, late.tooEarly]).toEqual([[], []])
  })

  if (kind.nodes !== 'many')
    test('beyond those that it connects is refused', async () => {
      await using endpoints = await Endpoints.connected(kind, countOf(kind))
      await expect(Endpoint.opened(endpoints.channel.connect)).rejects.toThrow()
      endpoints.all[0]!.send('still delivered')
      await endpoints.haveReceived(1)
    })

  test('shares members, counts and events with the others, each event once', async () => {
    await using room = await Room.opened(kind)
    await room.hasMembers(room.ids)
    room.nodes[0]!.node.publish('presence-x', 'published')
    await room.hasEvents(['published'])
    room.nodes[1]!.node.close(room.ids[1]!)
    await room.hasMembers(room.ids.filter((_, i) => i !== 1))
  })
}

/** A node of each id, and a member of that id on each, in one presence channel. */
class Room implements AsyncDisposable {
  private constructor(
    readonly channel: Required<Channel>,
    readonly nodes: readonly ConnectedNode[],
  ) {}

  static async opened(kind: Kind): Promise<Room> {
    const channel = await kind.start()
    const nodes: ConnectedNode[] = []
    for (const id of ['a', 'b', 'c'].slice(0, countOf(kind))) nodes.push(await ConnectedNode.opened(channel.connect, id))
    await until('all are connected', () => nodes.every(({ isConnected }) => isConnected))
    for (const { node, id } of nodes) {
      node.open(id)
      node.join(id, 'presence-x', id)
    }
    return new Room(channel as Required<Channel>, nodes)
  }

  get ids(): string[] {
    return this.nodes.map(({ id }) => id)
  }

  async hasMembers(ids: readonly string[]): Promise<void> {
    await until(`all have the members ${ids}`, () => this.nodes.every(({ members }) => Bun.deepEquals(members, ids)))
  }

  /** Resolves when these events have arrived at every member that is still there, and no other one has. */
  async hasEvents(events: readonly string[]): Promise<void> {
    const here = this.nodes.filter(({ id, members }) => members.includes(id))
    await until(`all have the events ${events}`, () => here.every(node => node.events.length >= events.length))
    for (const node of here) expect(node.events.sort()).toEqual([...events].sort())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.nodes) await node[Symbol.asyncDispose]()
    await this.channel[Symbol.asyncDispose]()
  }
}

function testOutage(kind: Kind): void {
  test('is reported once, with a reason, and loses what is sent in it', async () => {
    await using endpoints = await Endpoints.connected(kind, 2)
    await endpoints.channel.disconnect()
    for (const endpoint of endpoints.all) {
      await endpoint.is('disconnected')
      expect(endpoint.reason).not.toBe('')
    }
    endpoints.all[0]!.send('lost')
    await endpoints.channel.reconnect()
    for (const endpoint of endpoints.all) await endpoint.is('connected')
    endpoints.all[0]!.send('delivered')
    await endpoints.haveReceived(1)
    for (const { messages, states } of endpoints.all) {
      expect(messages).toEqual(['delivered'])
      expect(states).toEqual(['connected', 'disconnected', 'connected'])
    }
  })

  test('costs nodes no member, no count and no event, and doubles none', async () => {
    await using room = await Room.opened(kind)
    const { nodes, channel } = room
    await room.hasMembers(room.ids)
    nodes[0]!.node.publish('presence-x', 'before')
    await room.hasEvents(['before'])
    await channel.disconnect()
    await until('all are disconnected', () => nodes.every(({ isConnected }) => !isConnected))
    nodes[2]!.node.close('c')
    nodes[0]!.node.publish('presence-x', 'meanwhile')
    nodes[1]!.node.publish('presence-x', 'meanwhile too')
    await channel.reconnect()
    await room.hasMembers(['a', 'b'])
    nodes[0]!.node.publish('presence-x', 'after')
    await room.hasEvents(['before', 'meanwhile', 'meanwhile too', 'after'])
  })
}

/** What happens instead of an outage where nodes do not connect again. */
function testEnd(kind: Kind): void {
  test('is closed once when the other node has closed, which is reported in place of an outage, and loses what is sent then', async () => {
    await using endpoints = await Endpoints.connected(kind, 2)
    const [one, two] = endpoints.all as [Endpoint, Endpoint]
    two.send('last')
    await two.close()
    await one.is('closed')
    one.send('lost')
    await one.close()
    expect(one.messages).toEqual(['last'])
    expect(one.states).toEqual(['connected', 'closed'])
  })
}
