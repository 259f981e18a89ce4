import { describe, expect, test } from 'bun:test'
import { Members } from '../../src/core/members.ts'
import { presenceSucceeded } from '../../src/protocol/frames.ts'

const ann = { key: '1', idJson: '1', infoJson: '{"name":"Ann"}' }
const annToo = { key: '1', idJson: '"1"', infoJson: '{"name":"Anna"}' }
const bob = { key: '2', idJson: '2', infoJson: undefined }
/** The member list that `subscription_succeeded` carries. */
const snapshotOf = (members: Members) => JSON.parse(presenceSucceeded('c', members.snapshot())).data
const nothing = { added: undefined, removed: undefined }

describe('the members of a channel', () => {
  test('are none at first', () => {
    const members = new Members()
    expect(members.count).toBe(0)
    expect(members.list()).toEqual([])
    expect(members.memberOf('s1')).toBeUndefined()
    expect(members.socketsOf('1')).toEqual([])
    expect(members.leave('s1', 0)).toEqual(nothing)
  })

  test('gain a user with its first socket, and lose it with its last', () => {
    const members = new Members()
    expect(members.join('s1', ann, 0)).toEqual({ added: ann, removed: undefined })
    expect(members.join('s2', ann, 0)).toEqual(nothing)
    expect(members.count).toBe(1)
    expect(members.socketsOf('1')).toEqual(['s1', 's2'])
    expect(members.leave('s1', 0)).toEqual(nothing)
    expect(members.leave('s1', 0)).toEqual(nothing)
    expect(members.memberOf('s1')).toBeUndefined()
    expect(members.leave('s2', 0)).toEqual({ added: undefined, removed: ann })
    expect(members.count).toBe(0)
  })

  test('are listed in the order of joining', () => {
    const members = new Members()
    members.join('s1', bob, 0)
    members.join('s2', ann, 0)
    members.join('s3', bob, 0)
    expect(members.list()).toEqual([bob, ann])
    expect(snapshotOf(members)).toBe('{"presence":{"count":2,"ids":[2,1],"hash":{"2":null,"1":{"name":"Ann"}}}}')
  })

  test('have the data that was signed last', () => {
    const members = new Members()
    members.join('s1', ann, 0)
    members.snapshot()
    expect(members.join('s2', annToo, 0)).toEqual(nothing)
    expect(members.memberOf('s1')).toBe(annToo)
    expect(snapshotOf(members)).toBe('{"presence":{"count":1,"ids":["1"],"hash":{"1":{"name":"Anna"}}}}')
    expect(members.leave('s2', 0)).toEqual(nothing)
    expect(members.leave('s1', 0)).toEqual({ added: undefined, removed: annToo })
  })

  test('lose the old user of a socket that changes its user, where that was the last one', () => {
    const members = new Members()
    members.join('s1', ann, 0)
    expect(members.join('s1', bob, 0)).toEqual({ added: bob, removed: ann })
    expect(members.list()).toEqual([bob])
    expect(members.socketsOf('1')).toEqual([])
    expect(members.memberOf('s1')).toBe(bob)
    expect([...members.endWindows(1000)]).toEqual([])
    members.join('s2', ann, 1000)
    members.join('s3', ann, 1000)
    expect(members.join('s2', bob, 1000)).toEqual(nothing)
    expect(members.join('s3', bob, 1000)).toEqual({ added: undefined, removed: ann })
    expect(members.socketsOf('2')).toEqual(['s1', 's2', 's3'])
  })

  test('do not change where a socket joins again as the same user', () => {
    const members = new Members()
    members.join('s1', ann, 0)
    expect(members.join('s1', ann, 0)).toEqual(nothing)
    expect(members.socketsOf('1')).toEqual(['s1'])
    expect(members.leave('s1', 0)).toEqual({ added: undefined, removed: ann })
  })

  test('are all in the snapshot after every change', () => {
    const members = new Members()
    members.join('s1', ann, 0)
    expect(snapshotOf(members)).toBe('{"presence":{"count":1,"ids":[1],"hash":{"1":{"name":"Ann"}}}}')
    members.join('s2', bob, 0)
    expect(snapshotOf(members)).toBe('{"presence":{"count":2,"ids":[1,2],"hash":{"1":{"name":"Ann"},"2":null}}}')
    members.leave('s1', 0)
    expect(snapshotOf(members)).toBe('{"presence":{"count":1,"ids":[2],"hash":{"2":null}}}')
  })

  test('have their sockets returned as a copy', () => {
    const members = new Members()
    members.join('s1', ann, 0)
    const sockets = members.socketsOf('1')
    sockets.pop()
    expect(members.socketsOf('1')).toEqual(['s1'])
  })

  test('are encoded once for each change, and not for each join', () => {
    const members = new Members()
    members.join('s1', ann, 0)
    members.join('s2', bob, 0)
    const snapshot = members.snapshot()
    members.join('s3', { ...ann }, 0)
    members.leave('s3', 0)
    expect(members.snapshot()).toBe(snapshot)
    members.leave('s2', 0)
    expect(members.snapshot()).not.toBe(snapshot)
    expect(members.snapshot()).toBe(members.snapshot())
  })

  test('are found by their id', () => {
    const members = new Members()
    members.join('s1', ann, 0)
    expect([members.has('1'), members.has('2')]).toEqual([true, false])
  })

  describe('that leave and join again and again', () => {
    const idsOf = (members: Members): unknown[] => JSON.parse(snapshotOf(members)).presence.ids
    const wait = (members: Members, nowMs: number) => [...members.endWindows(nowMs)]

    /** Bob is on the channel, and Ann, whose first leave and first join have been announced. */
    function rejoined(): Members {
      const members = new Members()
      members.join('s1', bob, 0)
      members.join('s2', ann, 0)
      expect(members.leave('s2', 0)).toEqual({ removed: ann, added: undefined })
      expect(members.areSettled).toBe(false)
      expect(members.join('s2', ann, 10)).toEqual({ removed: undefined, added: ann })
      return members
    }

    test('are listed with what clients were sent once they have left, also where another socket of theirs has replaced it', () => {
      const members = rejoined()
      members.join('s3', annToo, 0)
      expect(snapshotOf(members)).toContain('Anna')
      for (const socketId of ['s2', 's3']) expect(members.leave(socketId, 0)).toEqual(nothing)
      expect(snapshotOf(members)).toBe('{"presence":{"count":2,"ids":[2,1],"hash":{"2":null,"1":{"name":"Ann"}}}}')
      members.join('s2', ann, 0)
      expect(wait(members, 1000)).toEqual([])
      expect(snapshotOf(members)).toBe('{"presence":{"count":2,"ids":[2,1],"hash":{"2":null,"1":{"name":"Ann"}}}}')
    })

    test('are absent at once after a leave, and stay on the list until the window ends', () => {
      const members = rejoined()
      expect(members.leave('s2', 20)).toEqual(nothing)
      expect([members.count, members.has('1'), members.list()]).toEqual([1, false, [bob]])
      expect(idsOf(members)).toEqual([2, 1])
      expect(wait(members, 999)).toEqual([])
      expect(wait(members, 1000)).toEqual([{ removed: ann, added: undefined }])
      expect(idsOf(members)).toEqual([2])
    })

    test('stay on a list that is encoded again', () => {
      const members = rejoined()
      members.leave('s2', 20)
      members.join('s3', { ...bob, idJson: '"2"' }, 30)
      expect(idsOf(members)).toEqual(['2', 1])
    })

    test('are not announced again where they have joined again', () => {
      const members = rejoined()
      const list = members.snapshot()
      for (let i = 0; i < 3; i++) {
        expect(members.leave('s2', 20)).toEqual(nothing)
        expect(members.join('s3', ann, 30)).toEqual(nothing)
        expect(members.leave('s3', 40)).toEqual(nothing)
        expect(members.join('s2', ann, 50)).toEqual(nothing)
      }
      expect(members.snapshot()).toBe(list)
      expect(wait(members, 1000)).toEqual([])
      expect(members.areSettled).toBe(true)
    })

    test('open the next window with the leave that was deferred', () => {
      const members = rejoined()
      members.leave('s2', 20)
      wait(members, 1000)
      expect(members.join('s2', ann, 1100)).toEqual({ removed: undefined, added: ann })
      expect(members.leave('s2', 1200)).toEqual(nothing)
      expect(wait(members, 2000)).toEqual([{ removed: ann, added: undefined }])
      expect(wait(members, 3000)).toEqual([])
      expect(members.areSettled).toBe(true)
      expect(members.join('s2', ann, 3000)).toEqual({ removed: undefined, added: ann })
      expect(members.areSettled).toBe(true)
    })

    test('are announced again where they have joined with other data', () => {
      const members = rejoined()
      members.leave('s2', 20)
      expect(members.join('s2', annToo, 30)).toEqual(nothing)
      expect(snapshotOf(members)).toBe('{"presence":{"count":2,"ids":[2,"1"],"hash":{"2":null,"1":{"name":"Anna"}}}}')
      members.leave('s2', 40)
      members.join('s2', ann, 50)
      expect(wait(members, 1000)).toEqual([{ removed: ann, added: ann }])
      members.leave('s2', 1100)
      members.join('s2', annToo, 1200)
      expect(wait(members, 2000)).toEqual([{ removed: ann, added: annToo }])
      expect(wait(members, 3000)).toEqual([])
    })

    test('are announced as having left where they joined with other data, and left in the end', () => {
      const members = rejoined()
      members.leave('s2', 20)
      members.join('s2', annToo, 30)
      members.leave('s2', 40)
      expect(wait(members, 1000)).toEqual([{ removed: ann, added: undefined }])
      expect(members.join('s2', annToo, 1100)).toEqual({ removed: undefined, added: annToo })
      expect(wait(members, 2000)).toEqual([])
    })

    test('are announced by the same rule where they are on other nodes', () => {
      const members = new Members()
      expect(members.joinRemote('n1', ann)).toEqual({ removed: undefined, added: ann })
      expect(members.leaveRemote('n1', '1', 0)).toEqual({ removed: ann, added: undefined })
      expect(members.join('s1', ann, 0)).toEqual({ removed: undefined, added: ann })
      expect(members.leave('s1', 0)).toEqual(nothing)
      expect(members.joinRemote('n1', ann)).toEqual(nothing)
      expect(members.leaveRemote('n1', '1', 0)).toEqual(nothing)
      expect(wait(members, 1000)).toEqual([{ removed: ann, added: undefined }])
    })

    test('delay the announcements about no other user', () => {
      const members = rejoined()
      members.leave('s2', 20)
      expect(members.leave('s1', 30)).toEqual({ removed: bob, added: undefined })
      expect(members.join('s1', bob, 40)).toEqual({ removed: undefined, added: bob })
    })
  })
})
