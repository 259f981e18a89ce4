/**
 * Five servers over a real Redis, whose clients come and go while links to Redis are cut and stall and servers are killed and started.
 * What is published between servers that are connected reaches each of their clients once, and in the end all agree on who is there.
 */
import { expect, setDefaultTimeout, test } from 'bun:test'
import type { Client } from '../support/client.ts'
import { Random } from '../support/random.ts'
import { cannotRun } from '../support/requirements.ts'
import { until } from '../support/until.ts'
import { Cable } from './support/cable.ts'
import { agree } from './support/fleet.ts'
import { mainApp, Node, type View } from './support/node.ts'
import { startRedis, withoutRedis } from './support/redis.ts'

setDefaultTimeout(180_000)

const seed = Number(process.env.REVURB_TEST_SEED ?? Date.now() % 2 ** 31)
const nodeCount = 5
const rounds = 6
const rooms = ['presence-one', 'presence-two', 'presence-three']
/** Fewer than clients: some are on several servers. */
const users = Array.from({ length: 12 }, (_, i) => `user ${i}`)

test.skipIf(cannotRun('churn on five servers', withoutRedis))(`five servers (seed ${seed})`, async () => {
  console.log(`Chance of the test of churn: REVURB_TEST_SEED=${seed}`)
  await using redis = await startRedis()
  await using churn = await Churn.of(redis.address, new Random(seed))
  for (let round = 0; round < rounds; round++) await churn.round(round)
  await churn.settles()
})

/** One who listens to the events of one server. */
type Listener = { readonly client: Client; readonly heard: string[] }

type Place = { node: Node; readonly cable: Cable; listener: Listener }

/** On a presence channel, as a user. */
type Member = { readonly client: Client; readonly room: string; readonly user: string; readonly place: Place }

class Churn implements AsyncDisposable {
  private members: Member[] = []

  private constructor(
    private readonly places: readonly Place[],
    private readonly random: Random,
  ) {}

  static async of(redis: { host: string; port: number }, random: Random): Promise<Churn> {
    const places = await Promise.all(
      Array.from({ length: nodeCount }, async () => {
        const cable = await Cable.to(redis)
        const node = await start(cable)
        return { node, cable, listener: await listen(node) }
      }),
    )
    const churn = new Churn(places, random)
    await agree(churn.nodes, churn.expected())
    return churn
  }

  /** Something happens to one or two servers, and meanwhile clients come and go, and events are published. */
  async round(number: number): Promise<void> {
    const faults = ['cut', 'stall', 'kill', 'stop'] as const
    const [victim, other] = this.random.pick(pairs(this.places)) as [Place, Place]
    const fault = number < faults.length ? faults[number]! : this.random.pick(faults)
    await this.strike(victim, fault)
    if (this.random.chance(0.5)) await this.strike(other, 'cut')
    await this.comeAndGo(12)
    await this.publish(`round ${number}, ${fault}`)
    await this.comeAndGo(4)
    for (const place of [victim, other]) place.cable.mend()
    await until('every server is connected again', async () =>
      (await Promise.all(this.nodes.map(node => node.isDegraded()))).every(is => !is),
    )
    await this.publish(`round ${number}, mended`)
  }

  /** In the end nobody is where it is not, and nothing has come twice. */
  async settles(): Promise<void> {
    await agree(this.nodes, this.expected())
    for (const { listener } of this.places) expect(new Set(listener.heard).size).toBe(listener.heard.length)
    for (const { client } of this.members) client.close()
    await Promise.all(this.members.map(({ client }) => client.closed))
    this.members = []
    await agree(this.nodes, this.expected())
    expect(this.nodes.flatMap(({ complaints }) => complaints)).toEqual([])
  }

  private get nodes(): Node[] {
    return this.places.map(({ node }) => node)
  }

  private async strike(place: Place, fault: 'cut' | 'stall' | 'kill' | 'stop'): Promise<void> {
    if (fault === 'stall') return place.cable.stall()
    if (fault === 'cut') {
      place.cable.cut()
      return until('it takes notice', () => place.node.isDegraded()).then(() => {})
    }
    expect(place.node.complaints).toEqual([])
    await place.node[fault]()
    this.members = this.members.filter(member => member.place !== place)
    place.node = await start(place.cable)
    place.listener = await listen(place.node)
  }

  /** So many times, each on whichever server. */
  private async comeAndGo(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const leaving = this.random.chance(0.4) ? this.members[this.random.below(this.members.length)] : undefined
      if (leaving !== undefined) await this.leave(leaving)
      // A user that moves is on two servers for a moment, or on none.
      if (leaving === undefined || this.random.chance(0.5)) await this.join(leaving?.user ?? this.random.pick(users))
    }
  }

  private async join(user: string): Promise<void> {
    const place = this.random.pick(this.places)
    const room = this.random.pick(rooms)
    this.members.push({ client: await place.node.member(room, user), room, user, place })
  }

  private async leave(member: Member): Promise<void> {
    this.members = this.members.filter(other => other !== member)
    member.client.close()
    await member.client.closed
  }

  /** Of servers that are connected, at all of them. */
  private async publish(what: string): Promise<void> {
    const connected = this.places.filter(({ cable }) => cable.isWhole)
    const events: string[] = []
    for (const [i, { node }] of connected.entries()) {
      for (const word of ['one', 'two']) {
        const event = `${what}: ${word} of ${i}`
        await node.publish('news', event, {})
        events.push(event)
      }
    }
    const lost = () =>
      connected.flatMap(({ listener }, i) =>
        events.filter(event => !listener.heard.includes(event)).map(event => `${event}, at ${i}`),
      )
    await until(`nothing is lost: ${what}`, () => lost().length === 0).catch(() => expect(lost()).toEqual([]))
    for (const [i] of connected.entries()) {
      const order = [`${what}: one of ${i}`, `${what}: two of ${i}`]
      for (const { listener } of connected) expect(listener.heard.filter(event => order.includes(event))).toEqual(order)
    }
  }

  private expected(): View {
    const channels: Record<string, object> = { news: { occupied: true, subscription_count: nodeCount } }
    const present: Record<string, string[]> = {}
    for (const room of rooms) {
      const here = this.members.filter(member => member.room === room)
      if (here.length === 0) continue
      present[room] = [...new Set(here.map(({ user }) => user))].sort()
      channels[room] = { occupied: true, user_count: present[room].length, subscription_count: here.length }
    }
    return { connections: nodeCount + this.members.length, channels, users: present }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map(node => node[Symbol.asyncDispose]()))
    await Promise.all(this.places.map(({ cable }) => cable[Symbol.asyncDispose]()))
  }
}

function start(cable: Cable): Promise<Node> {
  return Node.started({ secret: 'of these five', channel: 'churn', server: cable.address })
}

async function listen(node: Node): Promise<Listener> {
  const client = await node.connect(mainApp)
  await client.subscribe('news')
  const heard: string[] = []
  void (async () => {
    for (;;) heard.push((await client.next()).event)
  })().catch(() => {})
  return { client, heard }
}

/** Every two different ones, in either order. */
function pairs<T>(items: readonly T[]): [T, T][] {
  return items.flatMap(one => items.filter(other => other !== one).map((other): [T, T] => [one, other]))
}
