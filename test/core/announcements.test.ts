import { describe, expect, test } from 'bun:test'
import { Announcements, windowMs } from '../../src/core/announcements.ts'

type Person = { readonly name: string }

/** Users who are here, and what clients have been sent of them. */
class Room {
  readonly here = new Map<string, Person>()
  readonly announced: string[] = []
  readonly announcements = new Announcements<Person>((a, b) => a.name === b.name)
  nowMs = 0

  join(key: string, name = key): this {
    this.here.set(key, { name })
    if (this.announcements.joined(key, { name })) this.announced.push(`+${name}`)
    return this
  }

  leave(key: string): this {
    this.here.delete(key)
    if (this.announcements.left(key, this.nowMs)) this.announced.push(`-${key}`)
    return this
  }

  wait(ms: number): this {
    this.nowMs += ms
    for (const { removed, added } of this.announcements.endWindows(key => this.here.get(key), this.nowMs)) {
      this.announced.push(`-${removed.name}`)
      if (added !== undefined) this.announced.push(`+${added.name}`)
    }
    return this
  }
}

describe('the announcements about a user', () => {
  test('are a join at once, after which no window is open', () => {
    const room = new Room().join('ann')
    expect(room.announced).toEqual(['+ann'])
    expect(room.announcements.areSettled).toBe(true)
  })

  test('are the first leave, and the first join after it, at once', () => {
    expect(new Room().join('ann').leave('ann').join('ann').announced).toEqual(['+ann', '-ann', '+ann'])
  })

  test('are no repeats, where the user is present at the end of the window', () => {
    const room = new Room().join('ann').leave('ann').join('ann')
    for (let i = 0; i < 100; i++) room.leave('ann').join('ann')
    expect(room.wait(windowMs).announced).toEqual(['+ann', '-ann', '+ann'])
    expect(room.announcements.areSettled).toBe(true)
  })

  test('are one leave at the end of the window, where the user has left by then', () => {
    const room = new Room().join('ann').leave('ann').join('ann')
    for (let i = 0; i < 100; i++) room.leave('ann').join('ann')
    expect(room.leave('ann').wait(windowMs - 1).announced).toEqual(['+ann', '-ann', '+ann'])
    expect(room.wait(1).announced).toEqual(['+ann', '-ann', '+ann', '-ann'])
  })

  test('begin a new window with a leave that was deferred', () => {
    const room = new Room().join('ann').leave('ann').join('ann').leave('ann').wait(windowMs)
    room.announced.length = 0
    expect(room.join('ann').leave('ann').join('ann').leave('ann').announced).toEqual(['+ann'])
    expect(room.wait(windowMs).announced).toEqual(['+ann', '-ann'])
    expect(room.wait(windowMs).announced).toEqual(['+ann', '-ann'])
    expect(room.announcements.areSettled).toBe(true)
  })

  test('are one leave and one join a second at most', () => {
    const room = new Room().join('ann')
    for (let i = 0; i < 10_000; i++) room.leave('ann').wait(0.5).join('ann').wait(0.5)
    expect(room.nowMs).toBe(10_000)
    expect(room.announced.filter(text => text === '-ann').length).toBeLessThanOrEqual(11)
    expect(room.announced.filter(text => text === '+ann').length).toBeLessThanOrEqual(11)
  })

  test('are a leave and a join, where the user has joined with other data', () => {
    const room = new Room().join('ann').leave('ann').join('ann').leave('ann')
    expect(room.announcements.announced('ann')).toEqual({ name: 'ann' })
    room.join('ann', 'Anna')
    expect(room.announcements.isOutdated('ann')).toBe(true)
    expect(room.wait(windowMs).announced.slice(3)).toEqual(['-ann', '+Anna'])
    expect(room.announcements.isOutdated('ann')).toBe(false)
    room.leave('ann').join('ann', 'Anna')
    expect(room.wait(windowMs).announced.slice(5)).toEqual([])
  })

  test('do not depend on other users, and come in the order in which windows end', () => {
    const room = new Room().join('ann').join('bob')
    room.leave('ann').join('ann').leave('ann').wait(300)
    room.leave('bob').join('bob').leave('bob')
    expect([...room.announcements.rejoined()]).toEqual([
      ['ann', { name: 'ann' }],
      ['bob', { name: 'bob' }],
    ])
    room.announced.length = 0
    expect(room.wait(700).announced).toEqual(['-ann'])
    expect(room.wait(300).announced).toEqual(['-ann', '-bob'])
    expect([...room.announcements.rejoined()]).toEqual([])
  })

  test('are none about users who never joined', () => {
    const { announcements } = new Room()
    expect([announcements.announced('ann'), announcements.isOutdated('ann')]).toEqual([undefined, false])
  })
})
