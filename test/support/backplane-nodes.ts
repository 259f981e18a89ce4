/** What the contract of backplanes connects to one: a listener that records, and a whole node. */
import type { Backplane, BackplaneListener } from '../../src/cluster/backplane.ts'
import { testApp } from './apps.ts'
import { TestNode } from './cluster.ts'
import { until } from './until.ts'

/** Opens a backplane of one node. */
export type Connect = (listener: BackplaneListener) => Promise<Backplane>

const checkMs = 1000

/** A listener that records its calls in this list, in order: a message as its text, an outage with its reason. */
export function listenerInto(calls: string[]): BackplaneListener {
  return {
    onMessage: message => void calls.push(message),
    onConnected: () => void calls.push('connected'),
    onDisconnected: reason => void calls.push(`disconnected: ${reason}`),
    onClosed: () => void calls.push('closed'),
  }
}

/** A backplane with its listener. The backplane is checked as a server does it. */
export class Endpoint implements AsyncDisposable {
  readonly messages: string[] = []
  readonly states: ('connected' | 'disconnected' | 'closed')[] = []
  /** Calls of the listener before the caller had the backplane. */
  readonly tooEarly: string[] = []
  reason = ''
  private backplane: Backplane | undefined
  private readonly checks = setInterval(() => this.backplane?.check?.(performance.now()), checkMs)

  /** Resolves when it is opened, and maybe not connected yet. */
  static async opened(connect: Connect): Promise<Endpoint> {
    const endpoint = new Endpoint()
    endpoint.backplane = await connect({
      onMessage: message => endpoint.record('message', () => endpoint.messages.push(message)),
      onConnected: () => endpoint.record('connected', () => endpoint.states.push('connected')),
      onDisconnected: reason => {
        endpoint.record('disconnected', () => endpoint.states.push('disconnected'))
        endpoint.reason = reason
      },
      onClosed: () => endpoint.record('closed', () => endpoint.states.push('closed')),
    })
    return endpoint
  }

  /** Resolves when the last call of its listener, apart from messages, was this one. */
  async is(state: 'connected' | 'disconnected' | 'closed'): Promise<void> {
    await until(`it is ${state}`, () => this.states.at(-1) === state)
  }

  /** Resolves when it has received so many messages. */
  async hasReceived(count: number): Promise<void> {
    await until(`${count} messages have arrived`, () => this.messages.length >= count)
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
export class ConnectedNode implements AsyncDisposable {
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

  /** Resolves when it is opened, and maybe not connected yet. */
  static async opened(connect: Connect, id: string): Promise<ConnectedNode> {
    const connected = new ConnectedNode(id)
    const { cluster } = connected.node
    connected.backplane = await connect({
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
    return connected
  }

  get members(): string[] {
    return this.node.hub.queries
      .userIds('1001', 'presence-x')
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
