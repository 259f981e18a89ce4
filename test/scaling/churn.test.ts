/**
 * Five servers over a real Redis. Clients join and leave while links to Redis are cut or stall, and servers are killed and started.
 * Events that are published meanwhile on connected servers reach each of their clients once, and in the end all servers agree on members.
 */
import { expect, setDefaultTimeout, test } from 'bun:test'
import type { Client } from '../support/client.ts'
import { Random } from '../support/random.ts'
import { cannotRun } from '../support/requirements.ts'
import { until } from '../support/until.ts'
import { FaultyLink } from './support/faulty-link.ts'
import { agree } from './support/fleet.ts'
import { mainApp, Node, type View } from './support/node.ts'
import { startRedis, withoutRedis } from './support/redis.ts'

setDefaultTimeout(180_000)

const seed = Number(process.env.REVURB_TEST_SEED ?? Date.now() % 2 ** 31)
const nodeCount = 5
const rounds = 6
const rooms = ['presence-one', 'presence-two', 'presence-three']
/** Fewer users than clients, so that some have clients on several servers. */
const users = Array.from({ length: 12 }, (_, i) => `user ${i}`)

test.skipIf(cannotRun('churn on five servers', withoutRedis))(
  `five servers converge under churn and faults (seed ${seed})`,
  async () => {
    console.log(`Seed of the churn test: REVURB_TEST_SEED=${seed}`)
    await using redis = await startRedis()
    await using churn = await Churn.of(redis.address, new Random(seed))
    for (let round = 0; round < rounds; round++) await churn.round(round)
    await churn.expectConverged()
  },
)

/** A client that records the events of one server. */
type Recorder = { readonly client: Client; readonly received: string[] }

type Place = { node: Node; readonly link: FaultyLink; recorder: Recorder }

/** A client on a presence channel. */
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
        const link = await FaultyLink.to(redis)
        const node = await start(link)
        return { node, link, recorder: await record(node) }
      }),
    )
    const churn = new Churn(places, random)
    await agree(churn.nodes, churn.expected())
    return churn
  }

  /** One or two servers have a fault. Meanwhile clients join and leave, and events are published. */
  async round(number: number): Promise<void> {
    const faults = ['cut', 'stall', 'kill', 'stop'] as const
    const [victim, other] = this.random.pick(pairs(this.places)) as [Place, Place]
    const fault = number < faults.length ? faults[number]! : this.random.pick(faults)
    await this.inject(victim, fault)
    if (this.random.chance(0.5)) await this.inject(other, 'cut')
    await this.joinAndLeave(12)
    await this.publish(`round ${number}, ${fault}`)
    await this.joinAndLeave(4)
    for (const place of [victim, other]) place.link.repair()
    await until('every server is connected again', async () =>
      (await Promise.all(this.nodes.map(node => node.isDegraded()))).every(is => !is),
    )
    await this.publish(`round ${number}, repaired`)
  }

  /** Expects that all servers agree on their members, and that no event has arrived twice. */
  async expectConverged(): Promise<void> {
    await agree(this.nodes, this.expected())
    for (const { recorder } of this.places) expect(new Set(recorder.received).size).toBe(recorder.received.length)
    for (const { client } of this.members) client.close()
    await Promise.all(this.members.map(({ client }) => client.closed))
    this.members = []
    await agree(this.nodes, this.expected())
    expect(this.nodes.flatMap(({ unexpectedLines }) => unexpectedLines)).toEqual([])
  }

  private get nodes(): Node[] {
    return this.places.map(({ node }) => node)
  }

  private async inject(place: Place, fault: 'cut' | 'stall' | 'kill' | 'stop'): Promise<void> {
    if (fault === 'stall') return place.link.stall()
    if (fault === 'cut') {
      place.link.cut()
      return until('the server notices that its link is cut', () => place.node.isDegraded()).then(() => {})
    }
    expect(place.node.unexpectedLines).toEqual([])
    await place.node[fault]()
    this.members = this.members.filter(member => member.place !== place)
    place.node = await start(place.link)
    place.recorder = await record(place.node)
  }

  /** So many joins and leaves, each on a random server. */
  private async joinAndLeave(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const leaving = this.random.chance(0.4) ? this.members[this.random.below(this.members.length)] : undefined
      if (leaving !== undefined) await this.leave(leaving)
      // A user that changes servers has for a moment a client on both, or on none.
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

  /** Publishes two events on each connected server, and expects them at the clients of all of these, once and in order. */
  private async publish(what: string): Promise<void> {
    const connected = this.places.filter(({ link }) => link.isUp)
    const events: string[] = []
    for (const [i, { node }] of connected.entries()) {
      for (const word of ['one', 'two']) {
        const event = `${what}: ${word} of ${i}`
        await node.publish('news', event, {})
        events.push(event)
      }
    }
    const lost = () =>
      connected.flatMap(({ recorder }, i) =>
        events.filter(event => !recorder.received.includes(event)).map(event => `${event}, at ${i}`),
      )
    await until(`nothing is lost: ${what}`, () => lost().length === 0).catch(() => expect(lost()).toEqual([]))
    for (const [i] of connected.entries()) {
      const order = [`${what}: one of ${i}`, `${what}: two of ${i}`]
      for (const { recorder } of connected) expect(recorder.received.filter(event => order.includes(event))).toEqual(order)
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
    await Promise.all(this.places.map(({ link }) => link[Symbol.asyncDispose]()))
  }
}

/** A server serves clients a second after its start, connected to Redis or not: what others publish before that does not reach it. */
async function start(link: FaultyLink): Promise<Node> {
  const node = await Node.started({ secret: 'the secret of five servers', channel: 'churn', server: link.address })
  await until('a server that was started is connected to Redis', async () => !(await node.isDegraded()))
  return node
}

async function record(node: Node): Promise<Recorder> {
  const client = await node.connect(mainApp)
  await client.subscribe('news')
  const received: string[] = []
  void (async () => {
    for (;;) received.push((await client.next()).event)
  })().catch(() => {})
  return { client, received }
}

/** Every pair of two different items, in either order. */
function pairs<T>(items: readonly T[]): [T, T][] {
  return items.flatMap(one => items.filter(other => other !== one).map((other): [T, T] => [one, other]))
}
