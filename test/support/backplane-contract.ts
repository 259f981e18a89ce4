/** What every backplane does for several nodes. */
import { describe, expect, test } from 'bun:test'
import type { Backplane, Listener } from '../../src/cluster/backplane.ts'
import { userIds } from '../../src/core/query.ts'
import { testApp } from './apps.ts'
import { TestNode } from './cluster.ts'
import { until } from './until.ts'

/** A kind of backplane, with one channel of its own. */
export type Kind = AsyncDisposable & {
  readonly join: (listener: Listener) => Promise<Backplane>
  /** Nothing gets through for a while. */
  readonly fall: () => Promise<void>
  readonly rise: () => Promise<void>
}

export function backplaneContract(name: string, start: () => Promise<Kind>): void {
  describe(name, () => {
    test('delivers each message to every node, the sender included, once and in order', async () => {
      await using kind = await start()
      await using one = await Member.of(kind)
      await using two = await Member.of(kind)
      await using three = await Member.of(kind)
      const members = [one, two, three]
      for (let i = 0; i < 1000; i++) for (const [k, member] of members.entries()) member.say(`${k} ${i}`)
      await received(members, 3000)
      for (const { texts } of members) {
        // Of each in its order; and to all in the same.
        for (const k of [0, 1, 2])
          expect(texts.filter(text => text.startsWith(`${k} `))).toEqual(Array.from({ length: 1000 }, (_, i) => `${k} ${i}`))
        expect(texts).toEqual(one.texts)
      }
    })

    test('delivers any text unchanged', async () => {
      await using kind = await start()
      await using one = await Member.of(kind)
      await using two = await Member.of(kind)
      const said = ['[1,"x",{"a":"é 漢 😀"}]', '"\\u0000\\u2028"', ' ', JSON.stringify('x'.repeat(1_000_000))]
      for (const text of said) one.say(text)
      await received([one, two], said.length)
      expect([one.texts, two.texts]).toEqual([said, said])
    })

    test('delivers nothing before join() has returned, nor what was published before', async () => {
      await using kind = await start()
      await using one = await Member.of(kind)
      one.say('early')
      await received([one], 1)
      await using late = await Member.of(kind)
      expect(late.tooEarly).toEqual([])
      one.say('late')
      await received([late], 1)
      expect(late.texts).toEqual(['late'])
    })

    test('delivers all that a node published before it left, and nothing afterwards in either direction', async () => {
      await using kind = await start()
      await using one = await Member.of(kind)
      const two = await Member.of(kind)
      for (let i = 0; i < 100; i++) two.say(String(i))
      const closed = two.close()
      // It is on its way before the connection of the other one has ended.
      one.say('the end')
      await closed
      two.say('from beyond')
      one.say('again')
      await until('all has come', () => one.texts.includes('again'))
      expect(one.texts.filter(text => text !== 'the end' && text !== 'again')).toEqual(
        Array.from({ length: 100 }, (_, i) => String(i)),
      )
      expect(two.texts.filter(text => Number.isNaN(Number(text)))).toEqual([])
      expect(two.states).toEqual(['up'])
    })

    test('reports an outage once, with a reason, and loses what is published in it', async () => {
      await using kind = await start()
      await using one = await Member.of(kind)
      await using two = await Member.of(kind)
      await kind.fall()
      for (const member of [one, two]) {
        await until('it is told', () => member.states.length > 1)
        expect(member.reason).not.toBe('')
      }
      one.say('lost')
      await kind.rise()
      for (const member of [one, two]) await until('it is told', () => member.states.length > 2)
      one.say('heard')
      await received([one, two], 1)
      expect([one.texts, two.texts]).toEqual([['heard'], ['heard']])
      expect([one.states, two.states]).toEqual([
        ['up', 'down', 'up'],
        ['up', 'down', 'up'],
      ])
    })

    test('lets nodes share members, counts and events, also those of an outage', async () => {
      await using kind = await start()
      const nodes = [await Inhabited.of(kind, 'a'), await Inhabited.of(kind, 'b'), await Inhabited.of(kind, 'c')]
      await using _a = nodes[0]!
      await using _b = nodes[1]!
      await using _c = nodes[2]!
      for (const { node, id } of nodes) {
        node.open(id)
        node.join(id, 'presence-x', id)
      }
      const agrees = (members: string[]) =>
        until(`all know ${members}`, () => nodes.every(({ members: here }) => Bun.deepEquals(here, members)))
      await agrees(['a', 'b', 'c'])
      nodes[0]!.node.publish('presence-x', 'before')
      await until('it has come', () => nodes.every(({ events }) => events.length === 1))
      await kind.fall()
      await until('all are told', () => nodes.every(({ isUp }) => !isUp))
      nodes[2]!.node.close('c')
      nodes[0]!.node.publish('presence-x', 'meanwhile')
      nodes[1]!.node.publish('presence-x', 'meanwhile too')
      await kind.rise()
      await agrees(['a', 'b'])
      nodes[0]!.node.publish('presence-x', 'after')
      const expected = ['after', 'before', 'meanwhile', 'meanwhile too']
      const here = nodes.slice(0, 2)
      await until('all has come', () => here.every(({ events }) => events.length >= expected.length))
      for (const { events } of here) expect(events.sort()).toEqual(expected)
    })
  })
}

const lookMs = 1000

/** Resolves when each of them has received so many texts. */
async function received(members: readonly Member[], count: number): Promise<void> {
  await until(`${count} texts at each member`, () => members.every(({ texts }) => texts.length >= count))
}

/** Somebody on a backplane, who is looked after as a server does. */
class Member implements AsyncDisposable {
  readonly texts: string[] = []
  readonly states: ('up' | 'down')[] = []
  /** What came before there was a backplane. */
  readonly tooEarly: string[] = []
  reason = ''
  private backplane: Backplane | undefined
  private readonly looks = setInterval(() => this.backplane?.check?.(performance.now()), lookMs)

  /** Resolves when it hears and is heard. */
  static async of(kind: Kind): Promise<Member> {
    const member = new Member()
    member.backplane = await kind.join({
      onText: text => member.note('text', () => member.texts.push(text)),
      onUp: () => member.note('up', () => member.states.push('up')),
      onDown: reason => {
        member.note('down', () => member.states.push('down'))
        member.reason = reason
      },
      onEnd: () => member.note('end', () => {}),
    })
    await until('it gets through', () => member.states.length > 0)
    return member
  }

  say(text: string): void {
    this.backplane!.send(text)
  }

  async close(): Promise<void> {
    clearInterval(this.looks)
    await this.backplane!.close()
  }

  private note(what: string, act: () => void): void {
    if (this.backplane === undefined) this.tooEarly.push(what)
    act()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** A node on a backplane, with a clock that goes. */
class Inhabited implements AsyncDisposable {
  readonly node: TestNode
  isUp = false
  private backplane: Backplane | undefined
  private readonly turns = setInterval(() => this.node.flush(), 1)
  private readonly ticks = setInterval(() => {
    this.node.tick()
    this.backplane?.check?.(performance.now())
  }, lookMs)

  private constructor(readonly id: string) {
    const surroundings = {
      app: testApp(),
      units: undefined,
      get nowMs() {
        return performance.now()
      },
    }
    this.node = new TestNode(surroundings, id, text => this.backplane!.send(text))
  }

  static async of(kind: Kind, id: string): Promise<Inhabited> {
    const inhabited = new Inhabited(id)
    const { cluster } = inhabited.node
    inhabited.backplane = await kind.join({
      onText: text => inhabited.node.receive(text),
      onUp: () => {
        inhabited.isUp = true
        cluster.onConnected(performance.now())
      },
      onDown: () => {
        inhabited.isUp = false
        cluster.onDisconnected()
      },
      onEnd: () => {},
    })
    await until('it gets through', () => inhabited.isUp)
    return inhabited
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
