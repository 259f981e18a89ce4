/** Clients and SDKs reach the server under a path prefix, and over TLS. */
import { afterEach, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import PusherForWorkers from 'pusher-js/worker'
import { Certificate } from '../../support/certificate.ts'
import { signedIn, subscribed } from '../../support/clients/event-queue.ts'
import { Testbed } from '../../support/clients/testbed.ts'
import { pusherPhp } from './support/php.ts'

const ann = { id: 'ann' }
const { getWebSocketAPI } = PusherForWorkers.Runtime
afterEach(() => {
  PusherForWorkers.Runtime.getWebSocketAPI = getWebSocketAPI
})

test('pusher-js and pusher-http-php reach a server under a path prefix', async () => {
  await using testbed = new Testbed({}, { path: '/sockets' })
  const { events } = await subscribed(await testbed.connect(ann, { wsPath: '/sockets' }), 'private-room')
  await pusherPhp(testbed, 'trigger', ['private-room', 'painted', { coats: 2 }], { path: '/sockets/' })
  expect(await events.next()).toEqual(['painted', { coats: 2 }])
})

test('pusher-js and pusher-http-php reach a server without a prefix when their path is a slash', async () => {
  await using testbed = new Testbed()
  const { events } = await subscribed(await testbed.connect(ann, { wsPath: '/' }), 'private-room')
  await pusherPhp(testbed, 'trigger', ['private-room', 'painted', { coats: 2 }], { path: '//' })
  expect(await events.next()).toEqual(['painted', { coats: 2 }])
})

test('pusher-js and both SDKs reach a server over TLS', async () => {
  using certificate = new Certificate()
  const { certFile, keyFile } = certificate
  await using testbed = new Testbed({}, { tls: { certFile, keyFile, passphrase: null, caFile: null, verifyClients: false } })
  trust(readFileSync(certFile, 'utf8'))
  const client = await testbed.connect(ann, { Client: PusherForWorkers, forceTLS: true, enabledTransports: ['ws', 'wss'] })
  const { events } = await subscribed(client, 'private-room')
  const user = await signedIn(client)
  const sdk = testbed.sdkWith({ useTLS: true, agent: new Agent({ ca: readFileSync(certFile) }) })
  await sdk.trigger('private-room', 'painted', { coats: 2 })
  expect(await events.next()).toEqual(['painted', { coats: 2 }])
  await pusherPhp(testbed, 'sendToUser', ['ann', 'paid', { euro: 3 }], { scheme: 'https', http: { verify: certFile } })
  expect(await user.next()).toEqual(['paid', { euro: 3 }])
})

/**
 * pusher-js has no option for trusted certificates. The build for workers is used, because it takes the WebSocket
 * that is there: that of the build for Node.js does not connect to any TLS server under Bun.
 */
function trust(ca: string): void {
  PusherForWorkers.Runtime.getWebSocketAPI = () =>
    class extends WebSocket {
      constructor(url: string) {
        super(url, { tls: { ca } } as unknown as string)
      }
    } as never
}
