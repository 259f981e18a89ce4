/** Connects and publishes through blocks of a proxy, and returns for each what got through. */
import { join } from 'node:path'
import { Client } from '../../support/client.ts'
import { signedQuery } from '../../support/sign.ts'
import { Connection } from '../../support/tcp.ts'
import { type Block, endless, type Outcomes } from './block.ts'

/** The apps of every server behind a block: the first accepts every origin, the second one only. */
export const app = { id: '1001', key: 'app-key', secret: 'app-secret', origins: ['*'] }
export const choosy = { id: '2002', key: 'choosy-key', secret: 'choosy-secret', origins: ['own.example'] }

/** A block and the port on which the proxy serves it. `behind` is the port of the server itself, where events are received if no client connects through the block. */
export type Way = { readonly block: Block; readonly port: number; readonly behind: number }

/** Tries every request through each way. Returns the outcomes in the order of the ways. */
export async function probe(ways: readonly Way[]): Promise<Outcomes[]> {
  const probes = await Promise.all(ways.map((way, at) => Probe.begin(way, `room-${at}`)))
  const published = await publishWithSdk(probes)
  return Promise.all(probes.map((probe, at) => probe.outcomes(published[at]!)))
}

type Published = Pick<Outcomes, 'publish' | 'users' | 'encoded'>

async function publishWithSdk(probes: readonly Probe[]): Promise<Published[]> {
  const script = join(import.meta.dir, 'publishes.php')
  const input = JSON.stringify(probes.map(({ port, prefix, room }) => ({ port, path: prefix === '' ? '' : `${prefix}/`, room })))
  const child = Bun.spawn(['php', script], { stdin: new Blob([input]), stdout: 'pipe', stderr: 'inherit' })
  return JSON.parse(await new Response(child.stdout).text())
}

class Probe {
  private constructor(
    readonly port: number,
    readonly prefix: string,
    readonly room: string,
    private readonly socket: string,
    /** Subscribed to the channels of the room: through the block or, where no client connects through it, at the server itself. */
    private readonly listener: Client,
  ) {}

  static async begin({ block: { prefix = '' }, port, behind }: Way, room: string): Promise<Probe> {
    let socket = await handshake(port, prefix)
    let listener: Client | undefined
    if (socket === 'ok') listener = await Client.connected(port, { prefix }).catch(() => undefined)
    if (listener === undefined) {
      socket = socket === 'ok' ? 'upgraded, but not greeted' : socket
      listener = await Client.connected(behind, { prefix: await prefixOf(behind) })
    }
    for (const channel of [`private-${room}`, `private-café ${room}`]) await listener.subscribe(channel, { app })
    await listener.subscribe(`presence-${room}`, { app, member: { user_id: '7', user_info: {} } })
    await listener.nothingMore()
    return new Probe(port, prefix, room, socket, listener)
  }

  /** @param published the outcomes of the calls to Pusher's SDK */
  async outcomes({ publish, users, encoded }: Published): Promise<Outcomes> {
    const batch = await this.publishBatch()
    const received = (await this.listener.untilPong()).map(({ event, data }) => `${event} ${data}`)
    const arrived = (answer: string, ...events: string[]) =>
      answer === 'ok' && !events.every(event => received.includes(event)) ? 'accepted, but not delivered' : sentence(answer)
    const outcomes = {
      socket: this.socket,
      origin: this.socket === 'ok' ? await this.acceptedOrigins() : this.socket,
      publish: arrived(publish, 'published {"nr":1}', 'published {"nr":2}'),
      batch: arrived(batch, 'in-batch {}'),
      users: sentence(users),
      encoded: sentence(encoded),
      kept: await this.askTwice(),
      health: await this.health(),
    }
    this.listener.close()
    return outcomes
  }

  private async publishBatch(): Promise<string> {
    const path = `/apps/${app.id}/batch_events`
    const body = JSON.stringify({ batch: [{ name: 'in-batch', channel: `private-${this.room}`, data: '{}' }] })
    const query = signedQuery(app, { method: 'POST', path, body })
    const answer = await fetch(`http://127.0.0.1:${this.port}${this.prefix}${path}?${query}`, { method: 'POST', body })
    const text = await answer.text()
    return answer.ok && text.startsWith('{') ? 'ok' : `${answer.status} ${text}`
  }

  /** Over one connection. */
  private async askTwice(): Promise<string> {
    const path = `/apps/${app.id}/channels`
    const connection = await Connection.open(this.port)
    try {
      for (let asked = 0; asked < 2; asked++) {
        const target = `${this.prefix}${path}?${signedQuery(app, { method: 'GET', path })}`
        connection.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
        const { status, body } = await connection.response()
        if (!body.startsWith('{"channels":')) return sentence(`${status} ${body}`)
      }
      return 'ok'
    } catch {
      return 'closed after one answer'
    } finally {
      connection.destroy()
    }
  }

  private async acceptedOrigins(): Promise<string> {
    const accepted = []
    for (const origin of choosy.origins.concat('foreign.example')) {
      const client = Client.open(this.port, { key: choosy.key, prefix: this.prefix, origin: `https://${origin}` })
      if ((await client.next()).event === 'pusher:connection_established') accepted.push(origin)
      client.close()
    }
    return accepted.join() === choosy.origins.join() ? 'ok' : `accepts ${accepted.join() || 'no origin'}`
  }

  private async health(): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${this.port}${this.prefix}/up`)
    const text = await answer.text()
    return text === '{"health":"OK"}' ? 'ok' : sentence(`${answer.status} ${text}`)
  }
}

/** After this time an answer to a handshake counts as endless. */
const endlessMs = 20_000

/** `ok`, or the answer to a handshake. */
async function handshake(port: number, prefix: string): Promise<string> {
  const connection = await Connection.open(port)
  const timer = setTimeout(() => connection.destroy(), endlessMs)
  connection.handshake(`${prefix}/app/${app.key}?protocol=7&client=js&version=8.4.0`)
  try {
    const { status, body } = await connection.response()
    return status === 101 ? 'ok' : sentence(`${status} ${body}`)
  } catch {
    return endless
  } finally {
    clearTimeout(timer)
    connection.destroy()
  }
}

/** The path prefix of the server that listens on a port. */
async function prefixOf(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/up`)).ok ? '' : '/ws'
}

/** The server answers in a line of text; of a page, which is the proxy's own, or of nothing the status is enough. */
function sentence(answer: string): string {
  return /^\d{3} *(<|$)/.test(answer) ? answer.slice(0, 3) : answer.trim().split(/[\r\n]/)[0]!
}
