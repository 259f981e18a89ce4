/** A presence channel on three servers, with a member on each, and one user with connections to two of them. */
import { expect } from 'bun:test'
import type { Client } from '../../support/client.ts'
import { until } from '../../support/until.ts'
import type { ChannelRecorder } from './channel-recorder.ts'
import { agree, type Fleet } from './fleet.ts'

export const room = 'presence-room'

export class Room {
  private rounds = 0

  private constructor(
    readonly fleet: Fleet,
    /** The clients of ann, bob and cat, each on a server of its own. */
    readonly recorders: readonly [ChannelRecorder, ChannelRecorder, ChannelRecorder],
    /** The clients of dan, on the first server and on the last. */
    readonly dans: readonly [Client, Client],
  ) {}

  /** Resolves when every server has all members. The recorders are empty then. */
  static async in(fleet: Fleet): Promise<Room> {
    const [a, b, c] = fleet.nodes
    const recorders = [
      await fleet.subscribe(a!, room, { id: 'ann' }),
      await fleet.subscribe(b!, room, { id: 'bob' }),
      await fleet.subscribe(c!, room, { id: 'cat' }),
    ] as const
    const filled = new Room(fleet, recorders, [await a!.member(room, 'dan'), await c!.member(room, 'dan')])
    await filled.agrees(['ann', 'bob', 'cat', 'dan'], 5)
    await fleet.settled(recorders)
    for (const recorder of recorders) recorder.clear()
    return filled
  }

  /** Waits until every server answers that these are the members, with so many connections. */
  async agrees(ids: readonly string[], connections: number, { nodes = this.fleet.nodes } = {}): Promise<void> {
    const expected = {
      connections,
      channels: { [room]: { occupied: true, user_count: ids.length, subscription_count: connections } },
      users: { [room]: [...ids].sort() },
    }
    await agree(nodes, expected)
  }

  /** Expects that an event of each server reaches every client once. */
  async deliversToAll(): Promise<void> {
    this.rounds++
    const names = this.fleet.nodes.map((_, i) => `round ${this.rounds}, server ${i}`)
    await Promise.all(this.fleet.nodes.map((node, i) => node.publish(room, names[i]!, {})))
    await this.fleet.settled(this.recorders)
    for (const recorder of this.recorders) for (const name of names) expect(recorder.all(name)).toHaveLength(1)
  }

  /** Expects that an event of each server reaches its own client, whether or not the servers are connected. */
  async deliversLocally(round: string): Promise<void> {
    await Promise.all(
      this.fleet.nodes.map(async (node, i) => {
        await node.publish(room, `local ${round} ${i}`, {})
        await this.recorders[i]!.waitFor(`local ${round} ${i}`)
        expect(await node.health('/up')).toEqual({ status: 200, health: 'OK' })
      }),
    )
  }

  /** Waits until each server reports whether it is degraded, as it is given here. */
  async untilDegraded(which: readonly boolean[]): Promise<void> {
    await until(`the servers report whether they are degraded: ${which}`, async () =>
      Bun.deepEquals(await Promise.all(this.fleet.nodes.map(node => node.isDegraded())), which),
    )
  }
}
