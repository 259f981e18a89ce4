import { describe, expect, test } from 'bun:test'
import { Members } from '../../src/core/members.ts'
import { presenceSucceeded } from '../../src/protocol/frames.ts'

const ann = { key: '1', idJson: '1', infoJson: '{"name":"Ann"}' }
const annToo = { key: '1', idJson: '"1"', infoJson: '{"name":"Anna"}' }
const bob = { key: '2', idJson: '2', infoJson: undefined }
/** As `subscription_succeeded` carries it. */
const snapshotOf = (members: Members) => JSON.parse(presenceSucceeded('c', members.snapshot())).data
const nothing = { added: undefined, removed: undefined }

describe('members', () => {
  test('nobody at first', () => {
    const members = new Members()
    expect(members.count).toBe(0)
    expect(members.list()).toEqual([])
    expect(members.of('s1')).toBeUndefined()
    expect(members.socketsOf('1')).toEqual([])
    expect(members.leave('s1')).toEqual(nothing)
    expect(snapshotOf(members)).toBe('{"presence":{"count":0,"ids":[],"hash":{}}}')
  })

  test('a user comes with its first socket and goes with its last', () => {
    const members = new Members()
    expect(members.join('s1', ann)).toEqual({ added: ann, removed: undefined })
    expect(members.join('s2', ann)).toEqual(nothing)
    expect(members.count).toBe(1)
    expect(members.socketsOf('1')).toEqual(['s1', 's2'])
    expect(members.leave('s1')).toEqual(nothing)
    expect(members.leave('s1')).toEqual(nothing)
    expect(members.of('s1')).toBeUndefined()
    expect(members.leave('s2')).toEqual({ added: undefined, removed: ann })
    expect(members.count).toBe(0)
  })

  test('are listed in the order of joining', () => {
    const members = new Members()
    members.join('s1', bob)
    members.join('s2', ann)
    members.join('s3', bob)
    expect(members.list()).toEqual([bob, ann])
    expect(snapshotOf(members)).toBe('{"presence":{"count":2,"ids":[2,1],"hash":{"2":null,"1":{"name":"Ann"}}}}')
  })

  test('what is known of a user is what was said last', () => {
    const members = new Members()
    members.join('s1', ann)
    members.snapshot()
    expect(members.join('s2', annToo)).toEqual(nothing)
    expect(members.of('s1')).toBe(annToo)
    expect(snapshotOf(members)).toBe('{"presence":{"count":1,"ids":["1"],"hash":{"1":{"name":"Anna"}}}}')
    expect(members.leave('s2')).toEqual(nothing)
    expect(members.leave('s1')).toEqual({ added: undefined, removed: annToo })
  })

  test('a socket that changes its user takes the old one away if it was its last', () => {
    const members = new Members()
    members.join('s1', ann)
    expect(members.join('s1', bob)).toEqual({ added: bob, removed: ann })
    expect(members.list()).toEqual([bob])
    expect(members.socketsOf('1')).toEqual([])
    expect(members.of('s1')).toBe(bob)
    members.join('s2', ann)
    members.join('s3', ann)
    expect(members.join('s2', bob)).toEqual(nothing)
    expect(members.join('s3', bob)).toEqual({ added: undefined, removed: ann })
    expect(members.socketsOf('2')).toEqual(['s1', 's2', 's3'])
  })

  test('a socket that joins again as itself changes nothing', () => {
    const members = new Members()
    members.join('s1', ann)
    expect(members.join('s1', ann)).toEqual(nothing)
    expect(members.socketsOf('1')).toEqual(['s1'])
    expect(members.leave('s1')).toEqual({ added: undefined, removed: ann })
  })

  test('the snapshot follows every change', () => {
    const members = new Members()
    members.join('s1', ann)
    expect(snapshotOf(members)).toBe('{"presence":{"count":1,"ids":[1],"hash":{"1":{"name":"Ann"}}}}')
    members.join('s2', bob)
    expect(snapshotOf(members)).toBe('{"presence":{"count":2,"ids":[1,2],"hash":{"1":{"name":"Ann"},"2":null}}}')
    members.leave('s1')
    expect(snapshotOf(members)).toBe('{"presence":{"count":1,"ids":[2],"hash":{"2":null}}}')
  })

  test('socketsOf hands out a copy', () => {
    const members = new Members()
    members.join('s1', ann)
    const sockets = members.socketsOf('1')
    sockets.pop()
    expect(members.socketsOf('1')).toEqual(['s1'])
  })

  test('the snapshot is encoded once for each change, not for each join', () => {
    const members = new Members()
    members.join('s1', ann)
    members.join('s2', bob)
    const snapshot = members.snapshot()
    members.join('s3', { ...ann })
    members.leave('s3')
    expect(members.snapshot()).toBe(snapshot)
    members.leave('s2')
    expect(members.snapshot()).not.toBe(snapshot)
    expect(members.snapshot()).toBe(members.snapshot())
  })

  test('knows who is here', () => {
    const members = new Members()
    members.join('s1', ann)
    expect([members.has('1'), members.has('2')]).toEqual([true, false])
  })
})
