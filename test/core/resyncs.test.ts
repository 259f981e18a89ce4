/** Other nodes that send everything anew, or are gone: what is over ends in turns, and nothing else does. */
import { describe, expect, test } from 'bun:test'
import { appsOf } from '../../src/core/app.ts'
import { continueCleanup } from '../../src/core/deferred.ts'
import type { Effect } from '../../src/core/effect.ts'
import type { Entry } from '../../src/core/entry.ts'
import { Hub } from '../../src/core/hub.ts'
import { testApp } from '../support/apps.ts'
import { put, signingIn } from '../support/core.ts'

const app = testApp()
const appId = app.id
const connections: Entry = { kind: 'connections', appId, count: 7 }
const on = (channel: string, count = 1): Entry => ({ kind: 'subscriptions', appId, channel, count })
const present = (key: string, channel = 'presence-x'): Entry => {
  return { kind: 'member', appId, channel, key, member: { key, idJson: `"${key}"`, infoJson: undefined } }
}
const online = (userId: string): Entry => ({ kind: 'user', appId, userId, isHere: true })
const all: readonly Entry[] = [
  connections,
  ...Array.from({ length: 5 }, (_, i) => on(`c${i}`)),
  on('presence-x', 2),
  present('a'),
  present('b'),
  online('u'),
  online('v'),
]

/** With a member and a watcher of its own, and what another node has. */
function hubBeside(unitsPerTurn = 1): Hub {
  const hub = new Hub(appsOf([app]), Number.POSITIVE_INFINITY, unitsPerTurn)
  hub.open('s1', app.key, null, 0)
  put(hub, app, 's1', 'presence-x', '{"user_id":"me"}')
  hub.message('s1', signingIn(app, 's1', '{"id":"me","watchlist":["u","v"]}'), 0)
  hub.replica.apply('n2', all, 0)
  return hub
}
const view = ({ queries, state }: Hub) => ({
  connections: queries.socketCount(appId),
  channels: queries.channelInfos(appId, '', new Set(), 0).map(([name]) => name),
  members: queries.userIds(appId, 'presence-x'),
  online: ['u', 'v'].filter(id => state.users.get(appId)!.isOnline(id)),
})
const alone = { connections: 1, channels: ['presence-x'], members: ['"me"'], online: [] }
const noticed = (effects: readonly Effect[]) =>
  effects.flatMap(effect => (effect.type === 'broadcast' || effect.type === 'send' ? [JSON.parse(effect.frame)] : []))

function turns(hub: Hub): Effect[][] {
  const list: Effect[][] = []
  for (;;) {
    const { effects, isDone } = continueCleanup(hub.state, 1)
    list.push(effects)
    if (isDone) return list
  }
}

describe('a node that has left', () => {
  test('loses its counts of connections at once, then its users and members, and then its channels', () => {
    const hub = hubBeside()
    expect(noticed(hub.replica.remove('n2', 1))).toEqual([])
    expect(view(hub)).toMatchObject({ connections: 1, members: ['"me"', '"a"', '"b"'], online: ['u', 'v'] })
    const later = turns(hub)
    expect(later.flatMap(noticed).map(({ event }) => event)).toEqual([
      'pusher_internal:watchlist_events',
      'pusher_internal:watchlist_events',
      'pusher_internal:member_removed',
      'pusher_internal:member_removed',
    ])
    for (const effects of later) expect(noticed(effects).length).toBeLessThanOrEqual(1)
    expect(later.length).toBeGreaterThan(9)
    expect(view(hub)).toEqual(alone)
    expect(hub.state.resyncs.size).toBe(0)
  })

  test('is removed in one turn where it had little', () => {
    const hub = hubBeside(1000)
    hub.replica.remove('n2', 1)
    expect(view(hub)).toEqual(alone)
    expect(continueCleanup(hub.state, 1)).toEqual({ effects: [], isDone: true })
  })

  test('is removed without effect on others, and several one after the other', () => {
    const hub = hubBeside()
    hub.replica.apply('n3', all, 0)
    hub.replica.apply('n4', [connections, present('a')], 0)
    for (const nodeId of ['n2', 'n3']) hub.replica.remove(nodeId, 1)
    turns(hub)
    expect(view(hub)).toMatchObject({ connections: 8, channels: ['presence-x'], members: ['"me"', '"a"'], online: [] })
  })

  test('that had nothing changes nothing', () => {
    const hub = hubBeside()
    const before = view(hub)
    hub.replica.remove('n9', 1)
    expect(turns(hub).flat()).toEqual([])
    expect(view(hub)).toEqual(before)
  })
})

/** The other node sends the first or the last part of its snapshot, without entries. */
const sendPart = (hub: Hub, part: 0 | 1) =>
  hub.replica.applyPart('n2', { part, hasMore: part === 0, entries: [], kept: [] }, 1, 0)

describe('a node that sends a snapshot', () => {
  test('loses what is not in the snapshot at its end', () => {
    const hub = hubBeside()
    sendPart(hub, 0)
    hub.replica.apply('n2', [connections, on('c1'), on('presence-x', 1), present('b'), online('v')], 1)
    hub.replica.apply('n2', [on('c9', 0)], 1)
    expect(view(hub).channels).toHaveLength(6)
    expect(continueCleanup(hub.state, 1)).toEqual({ effects: [], isDone: true })
    sendPart(hub, 1)
    turns(hub)
    expect(view(hub)).toEqual({ connections: 8, channels: ['presence-x', 'c1'], members: ['"me"', '"b"'], online: ['v'] })
  })

  test('keeps what it sends while another one is removed', () => {
    const hub = hubBeside()
    hub.replica.apply('n3', all, 0)
    sendPart(hub, 0)
    hub.replica.remove('n3', 1)
    hub.replica.apply('n2', all, 1)
    turns(hub)
    sendPart(hub, 1)
    turns(hub)
    expect(view(hub)).toMatchObject({ connections: 8, members: ['"me"', '"a"', '"b"'], online: ['u', 'v'] })
    expect(view(hub).channels).toHaveLength(6)
  })

  test('keeps what it sends where it is back before all that it had is deleted', () => {
    const hub = hubBeside()
    hub.replica.remove('n2', 1)
    continueCleanup(hub.state, 1)
    sendPart(hub, 0)
    hub.replica.apply('n2', [on('c4'), present('a')], 1)
    turns(hub)
    sendPart(hub, 1)
    turns(hub)
    expect(view(hub)).toEqual({ connections: 1, channels: ['presence-x', 'c4'], members: ['"me"', '"a"'], online: [] })
  })

  test('is cleaned up after the sockets of this node that have disconnected', () => {
    const hub = hubBeside()
    for (const channel of ['x', 'y', 'z']) put(hub, app, 's1', channel)
    hub.closed('s1', 1)
    hub.replica.remove('n2', 1)
    turns(hub)
    expect(hub.state.pendingUnsubscribes.isEmpty).toBe(true)
    expect(view(hub)).toEqual({ connections: 0, channels: [], members: [], online: [] })
  })
})
