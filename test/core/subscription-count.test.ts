import { describe, expect, test } from 'bun:test'
import type { Hub } from '../../src/core/hub.ts'
import { testApp } from '../support/apps.ts'
import { hubWith, signedSubscribing, signingIn, subscribing, unsubscribing } from '../support/core.ts'

const app = testApp({ subscriptionCounts: true })

/** The counts that an input leads to. */
function countsIn(effects: ReturnType<Hub['tick']>): [topic: string, count: number][] {
  return effects.flatMap(effect => {
    if (effect.type !== 'broadcast' || !effect.frame.includes('subscription_count')) return []
    expect(effect.exceptSocketId).toBeUndefined()
    return [[effect.topic, JSON.parse(JSON.parse(effect.frame).data).subscription_count] as [string, number]]
  })
}
const news = subscribing({ channel: 'news' })

describe('subscription_count', () => {
  test('is sent at once, to the new subscriber, too', () => {
    const hub = hubWith(app, 's1', 's2')
    const effects = hub.message('s1', news, 0)
    expect(effects.map(({ type }) => type)).toEqual(['notify', 'subscribe', 'send', 'broadcast'])
    expect(countsIn(effects)).toEqual([['1001/news', 1]])
    expect(countsIn(hub.message('s2', news, 1000))).toEqual([['1001/news', 2]])
    expect(countsIn(hub.closed('s2', 2000))).toEqual([['1001/news', 1]])
  })

  test('is sent once a second at most, with the number at that time', () => {
    const hub = hubWith(app, 's1', 's2', 's3')
    hub.message('s1', news, 0)
    expect(countsIn(hub.message('s2', news, 10))).toEqual([])
    expect(countsIn(hub.message('s3', news, 20))).toEqual([])
    expect(countsIn(hub.message('s2', unsubscribing('news'), 30))).toEqual([])
    expect(countsIn(hub.tick(999))).toEqual([])
    expect(countsIn(hub.tick(1000))).toEqual([['1001/news', 2]])
    expect(countsIn(hub.tick(2000))).toEqual([])
    expect(countsIn(hub.closed('s3', 1999))).toEqual([])
    expect(countsIn(hub.tick(2000))).toEqual([['1001/news', 1]])
  })

  test('is not sent again where nothing has changed', () => {
    const hub = hubWith(app, 's1', 's2', 's3')
    hub.message('s1', news, 0)
    hub.message('s2', news, 500)
    expect(countsIn(hub.message('s3', news, 1000))).toEqual([['1001/news', 3]])
    expect(countsIn(hub.tick(2000))).toEqual([])
  })

  test('is not sent for a channel without subscribers', () => {
    const hub = hubWith(app, 's1', 's2')
    hub.message('s1', news, 0)
    hub.message('s2', news, 1)
    hub.closed('s2', 2)
    expect(countsIn(hub.closed('s1', 3))).toEqual([])
    expect(hub.state.pendingCounts.size).toBe(0)
    expect(hub.tick(5000)).toEqual([])
  })

  test('is not sent where a socket subscribes again', () => {
    const hub = hubWith(app, 's1')
    hub.message('s1', news, 0)
    expect(countsIn(hub.message('s1', news, 5000))).toEqual([])
  })

  test.each(['private-x', 'private-encrypted-x', 'cache-x'])('is sent on %s', channel => {
    const hub = hubWith(app, 's1')
    expect(countsIn(hub.message('s1', signedSubscribing(app, 's1', channel), 0))).toEqual([[`1001/${channel}`, 1]])
  })

  test.each(['presence-x', 'presence-cache-x'])('is not sent on %s', channel => {
    const hub = hubWith(app, 's1')
    expect(countsIn(hub.message('s1', signedSubscribing(app, 's1', channel, '{"user_id":1}'), 0))).toEqual([])
  })

  test("is not sent on a user's own channel", () => {
    const hub = hubWith(app, 's1')
    hub.message('s1', signingIn(app, 's1', '{"id":"ann"}'), 0)
    expect(countsIn(hub.message('s1', subscribing({ channel: '#server-to-user-ann' }), 0))).toEqual([])
  })

  test('is no longer sent once the app turns it off', () => {
    const hub = hubWith(app, 's1', 's2')
    hub.message('s1', news, 0)
    hub.message('s2', news, 1)
    hub.replaceApps([testApp()], 2)
    expect(countsIn(hub.tick(5000))).toEqual([])
    expect(hub.state.pendingCounts.size).toBe(0)
  })

  test('is sent in apps that turn it on alone', () => {
    expect(countsIn(hubWith(testApp(), 's1').message('s1', news, 0))).toEqual([])
  })
})
