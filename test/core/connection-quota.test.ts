import { describe, expect, test } from 'bun:test'
import { type App, appsOf } from '../../src/core/app.ts'
import type { Effect } from '../../src/core/effect.ts'
import type { Entry } from '../../src/core/entry.ts'
import { Hub } from '../../src/core/hub.ts'
import { socketCount } from '../../src/core/state.ts'
import { testApp } from '../support/apps.ts'
import { close, error } from '../support/core.ts'

const app = testApp({ maxConnections: 3 })
const appId = app.id

/** Node `m`, with a socket for each of these times, whose id is the time. What it is sent later may put it over the quota. */
function nodeWith(
  times: readonly number[],
  { isHandOver = false, apps = [app] }: { isHandOver?: boolean; apps?: App[] } = {},
): Hub {
  const hub = new Hub(appsOf(apps))
  hub.replica.join({ nodeId: 'm', isHandOver })
  for (const at of times) hub.open(String(at), app.key, null, at)
  return hub
}
const connections = (count: number, newest?: readonly number[], id = appId): Entry =>
  newest === undefined ? { kind: 'connections', appId: id, count } : { kind: 'connections', appId: id, count, newest }
/** Another node has sent this. */
const hears = (hub: Hub, from: string, ...entries: Entry[]) => hub.replica.apply(from, entries, 100)
const closedIn = (effects: readonly Effect[]) =>
  effects.flatMap(effect => (effect.type === 'close' ? [Number(effect.socketId)] : []))
const sentIn = (effects: readonly Effect[]) => effects.flatMap(effect => (effect.type === 'replicate' ? [effect.entry] : []))
/** What is sent beside the number of sockets, which is sent with each that is closed. */
const samplesIn = (effects: readonly Effect[]) => sentIn(effects).filter(entry => 'newest' in entry)

describe('a node that knows of more sockets than the app may have', () => {
  test('sends when its newest were opened, as many as there are too many', () => {
    const hub = nodeWith([10, 20.9, 30])
    hears(hub, 'a', connections(2))
    expect(hub.tick(100)).toEqual([{ type: 'replicate', entry: connections(3, [30, 20]) }])
  })

  test('sends all of its own where these are fewer', () => {
    const hub = nodeWith([10, 20])
    hears(hub, 'a', connections(100))
    expect(hub.tick(100)).toEqual([{ type: 'replicate', entry: connections(2, [20, 10]) }])
  })

  test('closes those before which there are as many as the app may have, the newest first, as if it had refused them', () => {
    const hub = nodeWith([10, 20, 30])
    hears(hub, 'a', connections(2, [12, 11]))
    const refused: Effect = { type: 'refused', refusal: 'max-connections', appId, about: '' }
    const overQuota = 'Application is over connection quota'
    expect(hub.tick(100)).toEqual([
      ...[30, 20].flatMap((id, i): Effect[] => [
        refused,
        error(String(id), 4004, overQuota),
        { type: 'replicate', entry: connections(2 - i) },
        close(String(id), 4004, overQuota),
      ]),
    ])
  })

  test('closes those alone of which it knows that they are too many, and sends the rest', () => {
    const hub = nodeWith([10, 20, 30])
    hears(hub, 'a', connections(1, [25]))
    hears(hub, 'b', connections(2))
    const effects = hub.tick(100)
    expect(closedIn(effects)).toEqual([30])
    expect(samplesIn(effects)).toEqual([connections(2, [20, 10])])
  })

  test('closes none for a node that sends its number alone, such as one of a release before, or one that has crashed', () => {
    const hub = nodeWith([10, 20, 30])
    hears(hub, 'a', connections(100))
    expect(closedIn([...hub.tick(100), ...hub.tick(1100)])).toEqual([])
  })

  test('closes none for sockets that have left since the other node has sent its newest', () => {
    const hub = nodeWith([20, 30])
    hears(hub, 'a', connections(3, [3, 2, 1]))
    hears(hub, 'a', connections(2))
    hears(hub, 'b', connections(1))
    expect(closedIn(hub.tick(100))).toEqual([30])
  })

  test('closes none that is older than all that others have', () => {
    const hub = nodeWith([10, 20, 30])
    hears(hub, 'a', connections(3, [33, 32, 31]))
    expect(closedIn(hub.tick(100))).toEqual([])
  })

  test('closes none that it has accepted before the app could have fewer, and names them to the others', () => {
    const hub = nodeWith([10, 20])
    hub.replaceApps([testApp({ maxConnections: 1 })], 100)
    hears(hub, 'a', connections(1, [5]))
    expect(hub.tick(100)).toEqual([{ type: 'replicate', entry: connections(2, [20, 10]) }])
  })

  test('closes those that were too many already before the app could have fewer', () => {
    const hub = nodeWith([10, 20, 30])
    hub.replaceApps([testApp({ maxConnections: 2 })], 100)
    hears(hub, 'a', connections(2, [35, 5]))
    expect(closedIn(hub.tick(100))).toEqual([30])
  })

  test('closes those that it has accepted since, where others had as many as the app could have', () => {
    const hub = nodeWith([10])
    hub.replaceApps([testApp({ maxConnections: 2 })], 15)
    hub.open('20', app.key, null, 20)
    hears(hub, 'a', connections(2, [19, 5]))
    expect(closedIn(hub.tick(100))).toEqual([20])
    expect(closedIn(hub.tick(1100))).toEqual([])
  })

  test('closes none that the app could have in the meantime', () => {
    const hub = nodeWith([10, 20])
    for (const maxConnections of [4, 1]) hub.replaceApps([testApp({ maxConnections })], 50)
    hears(hub, 'a', connections(2, [6, 5]))
    expect(closedIn(hub.tick(100))).toEqual([])
  })

  test('agrees with the others about sockets that were opened in the same millisecond', () => {
    const left = (nodeId: string) => {
      const hub = nodeWith([10.1, 10.2])
      hears(hub, nodeId, connections(2, [10, 10]))
      hub.tick(100)
      return hub.state.sockets.size
    }
    expect([left('a'), left('z')]).toEqual([1, 2])
  })

  test('closes 1,000 of them in a second, and sends as many', () => {
    const times = Array.from({ length: 2503 }, (_, i) => i + 1)
    const apps = [testApp({ maxConnections: times.length })]
    const hub = nodeWith(times, { apps })
    hears(hub, 'a', connections(2500, [0]))
    for (const [closed, left] of [
      [1000, 1503],
      [1000, 503],
      [500, 3],
      [0, 3],
    ]) {
      expect(closedIn(hub.tick(3000))).toHaveLength(closed!)
      expect(hub.state.sockets.size).toBe(left!)
    }
    const many = nodeWith(times, { apps })
    hears(many, 'a', connections(2000))
    expect(samplesIn(many.tick(3000))).toEqual([connections(2503, times.slice(-1000).reverse())])
  })

  test('looks at each app by itself', () => {
    const other = testApp({ id: '2', key: 'other', maxConnections: 1 })
    const hub = nodeWith([10, 20, 30], { apps: [app, other, testApp({ id: '3', key: 'unlimited' })] })
    hub.open('15', 'other', null, 15)
    hub.open('16', 'unlimited', null, 16)
    hears(hub, 'a', connections(1, [5]), connections(2, [14, 13], '2'), connections(1000, [1], '3'))
    const effects = hub.tick(100)
    expect(closedIn(effects)).toEqual([30, 15])
    expect(samplesIn(effects)).toEqual([])
    expect(socketCount(hub.state, '2')).toBe(2)
  })

  test('closes none where the node that had the others has left, or sends its state anew', () => {
    const snapshot = { part: 0, hasMore: true, entries: [], kept: [] }
    for (const act of [
      ({ replica }: Hub) => replica.remove('a', 100),
      ({ replica }: Hub) => replica.applyPart('a', snapshot, 100, 0),
    ]) {
      const hub = nodeWith([10, 20, 30])
      hears(hub, 'a', connections(3, [3, 2, 1]))
      act(hub)
      hears(hub, 'a', connections(3))
      expect(closedIn(hub.tick(100))).toEqual([])
    }
  })
})

describe('no socket is closed, and nothing is sent', () => {
  test.each<[string, Hub, Entry]>([
    ['within the quota', nodeWith([20, 30]), connections(1, [10])],
    ['while one of two servers takes over from the other', nodeWith([20, 30], { isHandOver: true }), connections(3, [3, 2, 1])],
    ['of an app of which the node has no socket', nodeWith([]), connections(9, [3, 2, 1])],
  ])('%s', (_, hub, entry) => {
    hears(hub, 'a', entry)
    expect(hub.tick(100)).toEqual([])
  })

  test('of an app whose last socket has left', () => {
    const hub = nodeWith([20])
    hub.closed('20', 50)
    hears(hub, 'a', connections(9, [3, 2, 1]))
    expect(hub.tick(100)).toEqual([])
  })

  test('of an app that was removed', () => {
    const hub = nodeWith([20])
    hears(hub, 'a', connections(3, [3, 2, 1]))
    hub.replaceApps([], 50)
    expect(hub.tick(100)).toEqual([])
  })

  test('without other nodes', () => {
    const hub = new Hub(appsOf([app]))
    for (const id of ['1', '2', '3']) hub.open(id, app.key, null, 0)
    hub.replaceApps([testApp({ maxConnections: 1 })], 50)
    expect(hub.tick(100)).toEqual([])
  })
})

test('what others have sent is forgotten once the app has no more than it may', () => {
  const hub = nodeWith([20, 30])
  hears(hub, 'a', connections(3, [3, 2, 1]))
  hub.replaceApps([testApp({ maxConnections: 5 })], 100)
  expect(hub.tick(100)).toEqual([])
  hub.replaceApps([app], 200)
  expect(closedIn(hub.tick(200))).toEqual([])
})
