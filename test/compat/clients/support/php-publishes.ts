/** What pusher-http-php's publishing methods bring about, seen by real clients. */
import { expect } from 'bun:test'
import { EventQueue, reached, signedIn, subscribed } from '../../../support/clients/event-queue.ts'
import { type Case, pusherPhp } from './php.ts'

const ann = { id: 'ann', user_info: { name: 'Ann' } }
const bob = { id: 'bob' }

export function triggers(method: string): Case {
  return async testbed => {
    const sender = await testbed.connect(ann)
    const { events: red } = await subscribed(sender, 'red')
    const { events: blue } = await subscribed(await testbed.connect(ann), 'private-blue')
    const info = { info: 'subscription_count', socket_id: sender.connection.socket_id }
    expect(await pusherPhp(testbed, method, [['red', 'private-blue'], 'painted', { coats: 2 }, info])).toEqual({
      channels: { red: { subscription_count: 1 }, 'private-blue': { subscription_count: 1 } },
    })
    expect(await blue.next()).toEqual(['painted', { coats: 2 }])
    expect(await pusherPhp(testbed, method, ['red', 'repainted', '{"coats":3}', {}, true])).toEqual({})
    expect(await red.next()).toEqual(['repainted', { coats: 3 }])
  }
}

export function triggersBatch(method: string): Case {
  return async testbed => {
    const sender = await testbed.connect(ann)
    const { events: red } = await subscribed(sender, 'red')
    const { events: blue } = await subscribed(await testbed.connect(ann), 'private-blue')
    const batch = [
      { channel: 'red', name: 'one', data: { n: 1 }, info: 'subscription_count' },
      { channel: 'red', name: 'two', data: { n: 2 }, socket_id: sender.connection.socket_id },
      { channel: 'private-blue', name: 'three', data: { text: 'Grüße 🎨' } },
      { channel: 'red', name: 'four', data: { n: 4 } },
    ]
    expect(await pusherPhp(testbed, method, [batch])).toEqual({ batch: [{ subscription_count: 1 }, {}, {}, {}] })
    expect([await red.next(), await red.next()]).toEqual([
      ['one', { n: 1 }],
      ['four', { n: 4 }],
    ])
    expect(await blue.next()).toEqual(['three', { text: 'Grüße 🎨' }])
  }
}

export function sendsToUser(method: string): Case {
  return async testbed => {
    const [phone, laptop, other] = [
      await signedIn(await testbed.connect(ann)),
      await signedIn(await testbed.connect(ann)),
      await signedIn(await testbed.connect(bob)),
    ]
    expect(await pusherPhp(testbed, method, ['ann', 'paid', { euro: 3 }])).toEqual({})
    expect(await pusherPhp(testbed, method, ['bob', 'asked', { by: 'ann' }])).toEqual({})
    expect(await phone.next()).toEqual(['paid', { euro: 3 }])
    expect(await laptop.next()).toEqual(['paid', { euro: 3 }])
    expect(await other.next()).toEqual(['asked', { by: 'ann' }])
  }
}

export function terminates(method: string): Case {
  return async testbed => {
    const clients = [await testbed.connect(ann), await testbed.connect(ann), await testbed.connect(bob)] as const
    for (const client of clients) await subscribed(client, 'presence-room')
    const bobs = new EventQueue(clients[2].channel('presence-room'))
    expect(await pusherPhp(testbed, method, ['ann'])).toEqual({})
    for (const client of clients.slice(0, 2)) await reached(client, 'disconnected')
    expect(await bobs.next()).toEqual(['pusher:member_removed', { id: 'ann', info: ann.user_info }])
    expect(clients[2].connection.state).toBe('connected')
  }
}

export function posts(method: string): Case {
  return async testbed => {
    const { events } = await subscribed(await testbed.connect(), 'room')
    const body = JSON.stringify({ name: 'painted', channel: 'room', data: '{"coats":2}' })
    expect(await pusherPhp(testbed, method, ['/events', body])).toEqual({})
    expect(await events.next()).toEqual(['painted', { coats: 2 }])
  }
}
