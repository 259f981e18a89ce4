/** What pusher-http-php's publishing methods bring about, seen by real clients. */
import { expect } from 'bun:test'
import { Heard, joined, reached, signedIn } from './heard.ts'
import { type Case, pusherPhp } from './php.ts'

const ann = { id: 'ann', user_info: { name: 'Ann' } }
const bob = { id: 'bob' }

export function triggers(method: string): Case {
  return async site => {
    const sender = await site.connect(ann)
    const { heard: red } = await joined(sender, 'red')
    const { heard: blue } = await joined(await site.connect(ann), 'private-blue')
    const info = { info: 'subscription_count', socket_id: sender.connection.socket_id }
    expect(await pusherPhp(site, method, [['red', 'private-blue'], 'painted', { coats: 2 }, info])).toEqual({
      channels: { red: { subscription_count: 1 }, 'private-blue': { subscription_count: 1 } },
    })
    expect(await blue.next()).toEqual(['painted', { coats: 2 }])
    expect(await pusherPhp(site, method, ['red', 'repainted', '{"coats":3}', {}, true])).toEqual({})
    expect(await red.next()).toEqual(['repainted', { coats: 3 }])
  }
}

export function triggersBatch(method: string): Case {
  return async site => {
    const sender = await site.connect(ann)
    const { heard: red } = await joined(sender, 'red')
    const { heard: blue } = await joined(await site.connect(ann), 'private-blue')
    const batch = [
      { channel: 'red', name: 'one', data: { n: 1 }, info: 'subscription_count' },
      { channel: 'red', name: 'two', data: { n: 2 }, socket_id: sender.connection.socket_id },
      { channel: 'private-blue', name: 'three', data: { text: 'Grüße 🎨' } },
      { channel: 'red', name: 'four', data: { n: 4 } },
    ]
    expect(await pusherPhp(site, method, [batch])).toEqual({ batch: [{ subscription_count: 1 }, {}, {}, {}] })
    expect([await red.next(), await red.next()]).toEqual([
      ['one', { n: 1 }],
      ['four', { n: 4 }],
    ])
    expect(await blue.next()).toEqual(['three', { text: 'Grüße 🎨' }])
  }
}

export function sendsToUser(method: string): Case {
  return async site => {
    const [phone, laptop, other] = [
      await signedIn(await site.connect(ann)),
      await signedIn(await site.connect(ann)),
      await signedIn(await site.connect(bob)),
    ]
    expect(await pusherPhp(site, method, ['ann', 'paid', { euro: 3 }])).toEqual({})
    expect(await pusherPhp(site, method, ['bob', 'asked', { by: 'ann' }])).toEqual({})
    expect(await phone.next()).toEqual(['paid', { euro: 3 }])
    expect(await laptop.next()).toEqual(['paid', { euro: 3 }])
    expect(await other.next()).toEqual(['asked', { by: 'ann' }])
  }
}

export function terminates(method: string): Case {
  return async site => {
    const clients = [await site.connect(ann), await site.connect(ann), await site.connect(bob)] as const
    for (const client of clients) await joined(client, 'presence-room')
    const bobs = new Heard(clients[2].channel('presence-room'))
    expect(await pusherPhp(site, method, ['ann'])).toEqual({})
    for (const client of clients.slice(0, 2)) await reached(client, 'disconnected')
    expect(await bobs.next()).toEqual(['pusher:member_removed', { id: 'ann', info: ann.user_info }])
    expect(clients[2].connection.state).toBe('connected')
  }
}

export function posts(method: string): Case {
  return async site => {
    const { heard } = await joined(await site.connect(), 'room')
    const body = JSON.stringify({ name: 'painted', channel: 'room', data: '{"coats":2}' })
    expect(await pusherPhp(site, method, ['/events', body])).toEqual({})
    expect(await heard.next()).toEqual(['painted', { coats: 2 }])
  }
}
