/** Members who leave and join again and again: what the other clients are sent. */
import { describe, expect, test } from 'bun:test'
import { runDeferred } from '../../src/core/deferred.ts'
import type { Effect } from '../../src/core/effect.ts'
import { type AnsweringHub, hubWith } from '../support/core.ts'
import { app, channel, join, leave, lists } from '../support/presence.ts'

/** What the effects say of members: `+` joined, `-` left, with the socket that is not sent it, or the only one that is. */
const members = (effects: readonly Effect[]) =>
  effects.flatMap(effect => {
    if (effect.type !== 'broadcast' && effect.type !== 'send') return []
    const { event, data } = JSON.parse(effect.frame)
    if (!/member_(added|removed)$/.test(event)) return []
    const { user_id, user_info } = JSON.parse(data)
    const what = `${event.endsWith('added') ? '+' : '-'}${user_id}${user_info === undefined ? '' : `:${user_info}`}`
    return effect.type === 'send' ? `${what} to ${effect.socketId}` : `${what} not ${effect.exceptSocketId}`
  })

describe('a member that leaves and joins again and again', () => {
  /** Bob is on the channel by s1, and Ann, who has left and joined, by s2. */
  function hubWithAnn(): AnsweringHub {
    const hub = hubWith(app, 's1', 's2', 's3', 's4')
    join(hub, 's1', 'bob', 0)
    join(hub, 's2', 'ann', 0)
    expect(members(leave(hub, 's2', 100))).toEqual(['-ann not s2'])
    expect(members(join(hub, 's2', 'ann', 200))).toEqual(['+ann not s2'])
    return hub
  }

  test('is announced to the others again after a second, and only where it has left', () => {
    const hub = hubWithAnn()
    for (let i = 0; i < 10; i++) {
      expect(members(leave(hub, 's2', 300))).toEqual([])
      expect(members(join(hub, 's2', 'ann', 300))).toEqual([])
    }
    leave(hub, 's2', 300)
    expect(hub.queries.userIds('1001', channel)).toEqual(['"bob"'])
    expect(runDeferred(hub.state, 1099)).toEqual([])
    expect(members(runDeferred(hub.state, 1100))).toEqual(['-ann not undefined'])
    expect(members(join(hub, 's2', 'ann', 1200))).toEqual(['+ann not s2'])
    expect(runDeferred(hub.state, 2100)).toEqual([])
    expect(hub.state.unsettledChannels.size).toBe(0)
  })

  test('is announced by the same rule where it has a new connection each time', () => {
    const hub = hubWithAnn()
    const sent = Array.from({ length: 10 }, (_, i) => {
      const effects = [...hub.closed(`s${i + 2}`, 300), ...hub.open(`s${i + 3}`, app.key, null, 300)]
      return [...effects, ...join(hub, `s${i + 3}`, 'ann', 300)]
    })
    expect(members(sent.flat())).toEqual([])
    expect(members(runDeferred(hub.state, 1100))).toEqual([])
  })

  test('is on the list of clients that join meanwhile, which are then sent its leave', () => {
    const hub = hubWithAnn()
    leave(hub, 's2', 300)
    expect(lists(join(hub, 's3', 'cat', 400))).toEqual(['s3 ["bob","ann","cat"]'])
    expect(members(runDeferred(hub.state, 1100))).toEqual(['-ann not undefined'])
    expect(lists(join(hub, 's4', 'dan', 1200))).toEqual(['s4 ["bob","cat","dan"]'])
  })

  test('is announced again to all but its own connections where its data has changed', () => {
    const hub = hubWithAnn()
    leave(hub, 's2', 300)
    for (const socketId of ['s2', 's3']) join(hub, socketId, 'ann', 400, 7)
    join(hub, 's4', 'cat', 500)
    expect(members(runDeferred(hub.state, 1100))).toEqual(['-ann to s1', '-ann to s4', '+ann:7 to s1', '+ann:7 to s4'])
    expect(runDeferred(hub.state, 2100)).toEqual([])
  })

  test('is announced by the same rule where it is on another node', () => {
    const hub = hubWith(app, 's1')
    join(hub, 's1', 'bob', 0)
    const ann = { key: 'ann', idJson: '"ann"', infoJson: undefined }
    const say = (member: typeof ann | undefined, nowMs: number) =>
      members(hub.replica.apply('n1', [{ kind: 'member', appId: '1001', channel, key: 'ann', member }], nowMs))
    expect([say(ann, 0), say(undefined, 0), say(ann, 0)].flat()).toEqual([
      '+ann not undefined',
      '-ann not undefined',
      '+ann not undefined',
    ])
    for (let i = 0; i < 10; i++) expect([say(undefined, 500), say(ann, 500)]).toEqual([[], []])
    expect(say(undefined, 500)).toEqual([])
    expect(members(runDeferred(hub.state, 1000))).toEqual(['-ann not undefined'])
  })

  test('is no longer announced once its channel is removed', () => {
    const hub = hubWithAnn()
    leave(hub, 's2', 300)
    leave(hub, 's1', 300)
    expect(hub.state.unsettledChannels.size).toBe(0)
    expect(lists(join(hub, 's3', 'cat', 400))).toEqual(['s3 ["cat"]'])
    expect(runDeferred(hub.state, 5000)).toEqual([])
  })

  test('is no longer announced once the server has stopped', () => {
    const hub = hubWithAnn()
    hub.end({ code: 1001, reason: 'Server is stopping' })
    expect(hub.state.unsettledChannels.size).toBe(0)
    expect(runDeferred(hub.state, 5000)).toEqual([])
  })
})
