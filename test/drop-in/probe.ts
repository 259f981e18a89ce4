/** The outcome for a client and a publisher at a running server of one shape. */
import { Client } from '../support/client.ts'
import type { Outcome, Shape } from '../support/laravel/shape.ts'
import { signedQuery } from '../support/sign.ts'

const channel = 'room'
const body = JSON.stringify({ name: 'drop-in', channel, data: '{"text":"hello"}' })

/** The outcome where no server listens. */
export const refusedOutcome: Outcome = { serves: false, client: 'none', publish: 'none' }

/** Connects a client, subscribes it to a public channel, and publishes one event there. */
export async function probe(port: number, shape: Shape): Promise<Outcome> {
  const { client, lastFrame } = await connect(port, shape)
  const status = await publish(port, shape)
  if (client === undefined) return { serves: true, client: lastFrame, publish: status }
  const isDelivered = status === '200' && (await hasEvent(client))
  client.close()
  return { serves: true, client: lastFrame, publish: `${status}, ${isDelivered ? 'delivered' : 'not delivered'}` }
}

/** `client` is undefined where the server refuses it. */
async function connect(port: number, shape: Shape): Promise<{ readonly client?: Client; readonly lastFrame: string }> {
  const client = Client.open(port, { origin: 'http://localhost', ...shape.client })
  const first = await client.next().catch(() => undefined)
  if (first?.event !== 'pusher:connection_established') {
    client.close()
    return { lastFrame: first === undefined ? 'no frame' : `${first.event} ${codeIn(first.data)}` }
  }
  client.send({ event: 'pusher:subscribe', data: { channel } })
  const { event } = await client.next()
  if (event === 'pusher_internal:subscription_succeeded') return { client, lastFrame: event }
  client.close()
  return { lastFrame: `${first.event}, then ${event}` }
}

function codeIn(data: unknown): number {
  return (JSON.parse(String(data)) as { code: number }).code
}

/** Resolves with the status of the answer. */
async function publish(port: number, { client = {}, publisher = {} }: Shape): Promise<string> {
  const { key = 'app-key', prefix = '', tls = false } = client
  const { id = '482910', secret = 'app-secret' } = publisher
  const path = `/apps/${id}/events`
  const query = signedQuery({ key, secret }, { method: 'POST', path, body })
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}${prefix}${path}?${query}`
  const response = await fetch(url, { method: 'POST', body, tls: { rejectUnauthorized: false } })
  await response.arrayBuffer()
  return String(response.status)
}

/** Frames come in order: a pong without an event before it shows that nothing was published to this client. */
async function hasEvent(client: Client): Promise<boolean> {
  const frames = await client.untilPong()
  return frames.some(({ event }) => event === 'drop-in')
}
