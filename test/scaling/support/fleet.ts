/** Several servers that are a cluster over Redis, with pusher-js clients of each. */
import Pusher, { type Options } from 'pusher-js'
import type { Client } from '../../support/client.ts'
import { Backend, headersOf, type User } from '../../support/clients/backend.ts'
import { reached } from '../../support/clients/event-queue.ts'
import { until } from '../../support/until.ts'
import { ChannelRecorder } from './channel-recorder.ts'
import { type Credentials, mainApp, Node, type View } from './node.ts'

const secret = 'the secret of the cluster'

/** The key with which they sign on the channel `tests`. */
export const key = `${secret}\nrevurb:tests`

type FleetOptions = {
  /** The `scaling.server` of the document, for all servers or for each. */
  readonly redis: object | readonly object[]
  readonly count?: number
  readonly channel?: string
  readonly secret?: string
  /** Changes of the document. */
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

  /** Resolves when each has the state of the others. */
  static async started(options: FleetOptions): Promise<Fleet> {
    const fleet = await Fleet.startedSeparately(options)
    await fleet.synced()
    return fleet
  }

  /** Resolves when each serves, whether or not they are connected to each other. */
  static async startedSeparately(options: FleetOptions): Promise<Fleet> {
    const { redis, count = 3 } = options
    const addresses = Array.isArray(redis) ? redis : Array.from({ length: count }, () => redis)
    return new Fleet(await Promise.all(addresses.map(address => node(options, address))), options)
  }

  /** Starts another server. Resolves when it has the state of the others, and they have its. */
  async addNode(): Promise<Node> {
    const { redis } = this.options
    const fresh = await node(this.options, Array.isArray(redis) ? redis[0] : redis)
    this.nodes.push(fresh)
    await this.synced()
    return fresh
  }

  /** A connected pusher-js client. `user` is the user that the application authenticates it as. */
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

  /** Records a channel with a pusher-js client of its own. */
  async subscribe(at: Node, channel: string, user?: User): Promise<ChannelRecorder> {
    return ChannelRecorder.on(await this.connect(at, user), channel)
  }

  /**
   * Waits until every event that the servers have published before has arrived at these subscribers of one channel: it publishes marks,
   * which arrive after them.
   */
  async settled(recorders: readonly ChannelRecorder[], nodes: readonly Node[] = this.nodes): Promise<void> {
    const marks = nodes.map(() => `mark ${++this.marks}`)
    await Promise.all(nodes.map((at, i) => at.publish(recorders[0]!.channel.name, 'mark', marks[i])))
    await until('every subscriber has received the marks of every server', () =>
      recorders.every(recorder => recorder.receivedMarks(marks)),
    )
  }

  /** Resolves when each has the state of the others. */
  async synced(): Promise<void> {
    const before = await this.nodes[0]!.view()
    const probes = await Promise.all(this.nodes.map(at => at.connect()))
    await agree(this.nodes, { ...before, connections: before.connections + probes.length })
    await leave(probes)
    await agree(this.nodes, before)
  }

  /** @throws where a server has logged an unexpected warning or error */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.clients) client.disconnect()
    await Promise.all(this.nodes.map(at => at[Symbol.asyncDispose]()))
    await this.backend.stop()
    const unexpectedLines = this.nodes.flatMap(at => at.unexpectedLines)
    if (unexpectedLines.length > 0) throw new Error(unexpectedLines.join('\n'))
  }
}

function node({ channel = 'tests', secret: ours = secret, changes }: FleetOptions, redis: object): Promise<Node> {
  return Node.started({ secret: ours, channel, server: redis }, changes)
}

export async function leave(clients: readonly Client[]): Promise<void> {
  for (const client of clients) client.close()
  await Promise.all(clients.map(({ closed }) => closed))
}

/** Waits until all servers answer this about the cluster. @throws with their answers where they do not in time */
export async function agree(
  nodes: readonly Node[],
  expected: View,
  { app = mainApp }: { app?: Credentials } = {},
): Promise<void> {
  let views: View[] = []
  const check = async () => {
    views = await Promise.all(nodes.map(at => at.view(app)))
    return views.every(view => Bun.deepEquals(view, expected))
  }
  try {
    await until('all servers agree', check)
  } catch (error) {
    const lines = [expected, ...views].map(view => JSON.stringify(view))
    throw new Error(`Expected the first line, received the others:\n${lines.join('\n')}`, { cause: error })
  }
}
