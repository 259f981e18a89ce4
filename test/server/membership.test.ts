import { describe, expect, test } from 'bun:test'
import type { BackplaneListener } from '../../src/cluster/backplane.ts'
import type { Effect } from '../../src/core/effect.ts'
import { type Counters, type JoinOptions, Membership } from '../../src/server/membership.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, put } from '../support/core.ts'
import { MemoryBackplane } from '../support/memory-backplane.ts'
import { until } from '../support/until.ts'

const app = testApp()

/** A server whose backplane delivers what the test echoes, and whose clock the test sets. */
class Member {
  nowMs = 0
  /** What the membership has reported. */
  readonly reports: string[] = []
  readonly losses: Counters[] = []
  readonly unexpected: unknown[] = []
  /** Thrown where effects are to be executed. */
  fault: Error | undefined
  readonly membership: Membership
  readonly hub = hubWith(app, '1.1')
  /** The effects of messages of other nodes. */
  readonly applied: Effect[] = []
  /** Messages that the backplane has not delivered yet. */
  readonly inFlight: string[] = []
  isClosed = false
  listener!: BackplaneListener

  constructor() {
    this.membership = new Membership({
      replica: this.hub.replica,
      apply: effects => this.apply(effects),
      nowMs: () => this.nowMs,
      unexpected: error => void this.unexpected.push(error),
    })
  }

  static async joined(options: Partial<JoinOptions> = {}): Promise<Member> {
    const member = new Member()
    await member.join(options)
    return member
  }

  join(options: Partial<JoinOptions> = {}): Promise<void> {
    return this.membership.join({
      key: 'key',
      handOver: undefined,
      connect: async listener => {
        this.listener = listener
        const close = async () => {
          this.isClosed = true
        }
        return { send: text => void this.inFlight.push(text), close }
      },
      onConnection: (isConnected, reason) => void this.reports.push(isConnected ? 'connected' : `disconnected: ${reason}`),
      onPace: isSlow => void this.reports.push(isSlow ? 'slow' : 'quick'),
      onLoss: counters => void this.losses.push({ ...counters }),
      ...options,
    })
  }

  private apply(effects: readonly Effect[]): void {
    if (this.fault !== undefined) throw this.fault
    this.applied.push(...effects)
  }

  /** Publishes an event, and waits until it is in flight. */
  async publish(): Promise<void> {
    const before = this.inFlight.length
    this.membership.publish({ topic: '1001/news', frame: '{"event":"e"}', exceptSocketId: undefined })
    await until('the event is in flight', () => this.inFlight.length > before)
  }

  /** Delivers everything that is in flight. */
  echo(): void {
    for (const text of this.inFlight.splice(0)) this.listener.onMessage(text)
  }

  /** A tick at this time, after one each second. */
  tickUntil(ms: number): void {
    while (this.nowMs < ms) {
      this.nowMs += 1000
      this.membership.tick()
    }
  }

  get state(): string {
    return `${this.membership.connection}${this.membership.isDegraded ? ', degraded' : ''}`
  }
}

describe('the connection of a server with the other nodes', () => {
  test('is up without other nodes, down until the backplane is up, and again while it is not', async () => {
    const member = new Member()
    expect([member.state, member.membership.isMember]).toEqual(['connected', false])
    await member.join()
    expect([member.state, member.membership.isMember]).toEqual(['disconnected, degraded', true])
    member.listener.onConnected()
    expect(member.state).toBe('connected')
    member.listener.onDisconnected('ECONNREFUSED')
    expect(member.state).toBe('disconnected, degraded')
    member.listener.onConnected()
    expect(member.state).toBe('connected')
    expect(member.reports).toEqual(['connected', 'disconnected: ECONNREFUSED', 'connected'])
  })

  test('is slow once an event is unacknowledged for 3 s, until events are acknowledged within a second', async () => {
    const member = await Member.joined()
    member.listener.onConnected()
    member.tickUntil(1000)
    member.echo()
    await member.publish()
    member.tickUntil(3000)
    expect(member.state).toBe('connected')
    member.tickUntil(4000)
    expect(member.state).toBe('slow, degraded')
    member.echo()
    member.tickUntil(5000)
    expect(member.state).toBe('connected')
    expect(member.reports).toEqual(['connected', 'slow', 'quick'])
  })

  test('is not called slow by a server whose own ticks were late', async () => {
    const member = await Member.joined()
    member.listener.onConnected()
    member.tickUntil(1000)
    member.echo()
    await member.publish()
    member.nowMs = 9000
    member.membership.tick()
    expect(member.state).toBe('connected')
    member.nowMs = 10_000
    member.membership.tick()
    expect(member.state).toBe('slow, degraded')
  })

  test('is no longer slow, but down, once the backplane is', async () => {
    const member = await Member.joined()
    member.listener.onConnected()
    member.tickUntil(1000)
    member.echo()
    await member.publish()
    member.tickUntil(4000)
    member.listener.onDisconnected('timeout')
    expect(member.state).toBe('disconnected, degraded')
    member.tickUntil(5000)
    expect(member.reports).toEqual(['connected', 'slow', 'disconnected: timeout'])
  })

  test('is up from the start in a hand-over, in which slow messages are not reported', async () => {
    const member = await Member.joined({ handOver: 'taking-over' })
    expect(member.state).toBe('connected')
    expect(member.hub.state.isHandOver).toBe(true)
    member.listener.onConnected()
    member.tickUntil(1000)
    member.echo()
    await member.publish()
    member.tickUntil(9000)
    expect([member.state, member.reports]).toEqual(['connected', ['connected']])
  })

  test('is that of a server without other nodes once the backplane has ended, or could not be opened', async () => {
    const member = await Member.joined({ handOver: 'handing-over' })
    member.listener.onConnected()
    member.listener.onClosed()
    expect([member.state, member.membership.isMember, member.hub.state.isHandOver]).toEqual(['connected', false, false])
    const refused = () => Promise.reject(new Error('ENOENT'))
    await expect(member.join({ connect: refused })).rejects.toThrow('ENOENT')
    expect([member.state, member.membership.isMember]).toEqual(['connected', false])
  })
})

describe('a server in a cluster', () => {
  test('passes events, entries and terminations to the other nodes, and executes what those of others cause', async () => {
    const backplane = new MemoryBackplane(setImmediate)
    const connect = async (listener: BackplaneListener) => backplane.connect(listener)
    const [one, two] = [await Member.joined({ connect }), await Member.joined({ connect })]
    put(two.hub, app, '1.1', 'presence-x', '{"user_id":"ann"}')
    await one.membership.waitUntilSynced(10_000, Bun.sleep)
    await two.membership.waitUntilSynced(10_000, Bun.sleep)
    const event = { topic: '1001/presence-x', frame: '{"event":"e"}', exceptSocketId: undefined }
    one.membership.publish(event)
    one.membership.replicate({ kind: 'connections', appId: '1001', count: 5 })
    one.membership.terminate('1001', 'ann')
    await until('all three have arrived', () => two.hub.queries.socketCount('1001') === 5 && !two.hub.queries.isOpen('1.1'))
    expect(two.applied).toContainEqual({ type: 'broadcast', ...event, scope: 'node' })
    expect(two.applied).toContainEqual(expect.objectContaining({ type: 'close', socketId: '1.1' }))
    for (const member of [one, two]) await member.membership.leave(Bun.sleep)
  })

  test('reports an unexpected error that a message causes, and goes on', async () => {
    const member = await Member.joined()
    member.listener.onConnected()
    const error = new Error('unexpected')
    member.fault = error
    member.listener.onMessage('x')
    expect(member.unexpected).toEqual([error])
    expect(member.membership.isMember).toBe(true)
  })

  test('waits for the end of a hand-over, and for nothing where it is in none', async () => {
    const member = await Member.joined({ handOver: 'taking-over' })
    member.listener.onConnected()
    let polls = 0
    await member.membership.waitUntilHandOverEnded(async () => {
      if (++polls === 3) member.listener.onClosed()
    })
    expect([polls, member.membership.isHandOver]).toEqual([3, false])
    const other = await Member.joined()
    await other.membership.waitUntilHandOverEnded(() => Promise.reject(new Error('waits')))
    expect([other.membership.isHandOver, other.membership.isMember]).toEqual([false, true])
  })

  test('is in none where it has not joined it: nothing is published, and there is nothing to leave', async () => {
    const { membership, unexpected } = new Member()
    membership.publish({ topic: '1001/news', frame: '{}', exceptSocketId: undefined })
    membership.replicate({ kind: 'connections', appId: '1001', count: 1 })
    membership.terminate('1001', 'ann')
    membership.resync()
    membership.announceStop()
    membership.tick()
    await membership.leave(Bun.sleep)
    expect([membership.isMember, membership.hasSuccessor, unexpected]).toEqual([false, false, []])
  })
})

describe('messages that a node ignores', () => {
  test('are reported once a minute at most, with the counts since the start, and at its end', async () => {
    const member = await Member.joined()
    member.listener.onConnected()
    member.tickUntil(1000)
    expect(member.losses).toEqual([])
    member.listener.onMessage('forged')
    member.tickUntil(2000)
    member.listener.onMessage('forged')
    member.tickUntil(61_000)
    expect(member.losses).toEqual([{ forged: 1, unsupported: 0, malformed: 0, replayed: 0, dropped: 0 }])
    member.tickUntil(62_000)
    member.listener.onMessage('forged')
    await member.membership.leave(async () => {})
    expect(member.losses.map(({ forged }) => forged)).toEqual([1, 2, 3])
    expect(member.unexpected).toEqual([])
  })
})

describe('a server that leaves its cluster', () => {
  test('waits half a second at most for its events to be acknowledged, and closes the backplane', async () => {
    const member = await Member.joined()
    member.listener.onConnected()
    member.tickUntil(1000)
    member.echo()
    await member.publish()
    let sleptMs = 0
    await member.membership.leave(async ms => {
      sleptMs += ms
    })
    expect([sleptMs, member.isClosed]).toEqual([500, true])
  })

  test('leaves at once where its events are acknowledged, or the backplane is down', async () => {
    for (const isDown of [false, true]) {
      const member = await Member.joined()
      member.listener.onConnected()
      member.tickUntil(1000)
      member.echo()
      await member.publish()
      if (isDown) member.listener.onDisconnected('gone')
      else member.echo()
      await member.membership.leave(async () => {
        throw new Error('it waits')
      })
      expect(member.isClosed).toBe(true)
    }
  })

  test('has nothing to send once the backplane has ended meanwhile', async () => {
    const member = await Member.joined()
    member.listener.onConnected()
    member.tickUntil(1000)
    member.echo()
    await member.publish()
    const before = member.inFlight.length
    await member.membership.leave(async () => member.listener.onClosed())
    expect([member.inFlight.length, member.isClosed, member.membership.isMember]).toEqual([before, false, false])
  })
})
