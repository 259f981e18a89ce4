/** Several servers that are one over Redis, and real clients of each. */
import Pusher, { type Options } from 'pusher-js'
import type { Client } from '../../support/client.ts'
import { Backend, headersOf, type User } from '../../support/clients/backend.ts'
import { reached } from '../../support/clients/event-queue.ts'
import { until } from '../../support/until.ts'
import { ChannelRecorder } from './channel-recorder.ts'
import { type Credentials, mainApp, Node, type View } from './node.ts'

const secret = 'what the servers have in common'

/** What they sign with on the channel `tests`. */
export const key = `${secret}\nrevurb:tests`

type FleetOptions = {
  /** Where each finds Redis, in the words of the document. */
  readonly redis: object | readonly object[]
  readonly count?: number
  readonly channel?: string
  readonly secret?: string
  /** Of the document. */
  readonly changes?: Parameters<typeof Node.started>[1]
}

export class Fleet implements AsyncDisposable {
  private readonly backend: Backend
  private readonly clients: Pusher[] = []
  private marks = 0

  private constructor(
    readonly nodes: Node[],
    private readonly options: FleetOptions,
  ) {
    this.backend = new Backend(nodes[0]!.sdk)
  }

  /** Resolves when each knows what the others have. */
  static async started(options: FleetOptions): Promise<Fleet> {
    const fleet = await Fleet.apart(options)
    await fleet.meet()
    return fleet
  }

  /** Resolves when each serves, whatever becomes of the others. */
  static async apart(options: FleetOptions): Promise<Fleet> {
    const { redis, count = 3 } = options
    const addresses = Array.isArray(redis) ? redis : Array.from({ length: count }, () => redis)
    return new Fleet(await Promise.all(addresses.map(address => node(options, address))), options)
  }

  /** One more. Resolves when the others know what it has, and it what they have. */
  async grow(): Promise<Node> {
    const { redis } = this.options
    const fresh = await node(this.options, Array.isArray(redis) ? redis[0] : redis)
    this.nodes.push(fresh)
    await this.meet()
    return fresh
  }

  /** A real client, connected. `user` is whom the application takes it for. */
  async connect(at: Node, user?: User): Promise<Pusher> {
    const headers = headersOf(user)
    const options: Options = {
      cluster: '',
      wsHost: '127.0.0.1',
      wsPort: at.port,
      wssPort: at.port,
      forceTLS: false,
      enabledTransports: ['ws'],
      channelAuthorization: { transport: 'ajax', endpoint: this.backend.channelEndpoint, headers },
      userAuthentication: { transport: 'ajax', endpoint: this.backend.userEndpoint, headers },
    }
    const client = new Pusher(mainApp.key, options)
    this.clients.push(client)
    await reached(client, 'connected')
    return client
  }

  /** A real client of its own, subscribed to a channel. */
  async subscribe(at: Node, channel: string, user?: User): Promise<ChannelRecorder> {
    return ChannelRecorder.on(await this.connect(at, user), channel)
  }

  /**
   * Waits until everything that a server has said before has come to each of these subscribers of one channel: what it says
   * now comes after that.
   */
  async settled(recorders: readonly ChannelRecorder[], nodes: readonly Node[] = this.nodes): Promise<void> {
    const marks = nodes.map(() => `mark ${++this.marks}`)
    await Promise.all(nodes.map((at, i) => at.publish(recorders[0]!.channel.name, 'mark', marks[i])))
    await until('every subscriber has received the marks of every server', () =>
      recorders.every(recorder => recorder.receivedMarks(marks)),
    )
  }

  /** Resolves when each knows what the others have. */
  async meet(): Promise<void> {
    const before = await this.nodes[0]!.view()
    const probes = await Promise.all(this.nodes.map(at => at.connect()))
    await agree(this.nodes, { ...before, connections: before.connections + probes.length })
    await leave(probes)
    await agree(this.nodes, before)
  }

  /** @throws when a server met something that nobody foresaw */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.clients) client.disconnect()
    await Promise.all(this.nodes.map(at => at[Symbol.asyncDispose]()))
    await this.backend.stop()
    const complaints = this.nodes.flatMap(at => at.complaints)
    if (complaints.length > 0) throw new Error(complaints.join('\n'))
  }
}

function node({ channel = 'tests', secret: ours = secret, changes }: FleetOptions, redis: object): Promise<Node> {
  return Node.started({ secret: ours, channel, server: redis }, changes)
}

export async function leave(clients: readonly Client[]): Promise<void> {
  for (const client of clients) client.close()
  await Promise.all(clients.map(({ closed }) => closed))
}

/** Waits until all servers say the same of the cluster, and this. @throws with what they say, when they do not in time */
export async function agree(
  nodes: readonly Node[],
  expected: View,
  { app = mainApp }: { app?: Credentials } = {},
): Promise<void> {
  let views: View[] = []
  const look = async () => {
    views = await Promise.all(nodes.map(at => at.view(app)))
    return views.every(view => Bun.deepEquals(view, expected))
  }
  try {
    await until('all servers agree', look)
  } catch (error) {
    const lines = [expected, ...views].map(view => JSON.stringify(view))
    throw new Error(`Not this, but those:\n${lines.join('\n')}`, { cause: error })
  }
}
