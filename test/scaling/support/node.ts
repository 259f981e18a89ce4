/** One of several servers, in a process of its own, with the requests that an application makes to it. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import PusherServer from 'pusher'
import { Client } from '../../support/client.ts'
import { masterKey } from '../../support/clients/testbed.ts'
import { Command, document } from '../../support/command.ts'
import { signedQuery, userAuth } from '../../support/sign.ts'

export type Credentials = { readonly id: string; readonly key: string; readonly secret: string }

export const mainApp: Credentials = { id: '1001', key: 'app-key', secret: 'app-secret' }

/** What a server answers about the fullPath cluster. */
export type View = {
  readonly connections: number
  /** The information on each channel, by name. */
  readonly channels: Readonly<Record<string, object>>
  /** The sorted ids of the members of each presence channel, by name. */
  readonly users: Readonly<Record<string, readonly string[]>>
}

export class Node implements AsyncDisposable {
  /** Pusher's SDK, as an application uses it. */
  readonly sdk: PusherServer

  private constructor(
    private readonly command: Command,
    private readonly document: object,
  ) {
    const { id: appId, key, secret } = mainApp
    const where = { host: '127.0.0.1', port: String(command.port) }
    this.sdk = new PusherServer({ appId, key, secret, ...where, encryptionMasterKeyBase64: masterKey })
  }

  /** @param scaling the `scaling` of the document: the address of Redis, the channel and the secret */
  static async started(scaling: object, { server = {}, ...changes }: Parameters<typeof document>[0] = {}): Promise<Node> {
    const content = document({ server: { drain_seconds: 0, ...server }, ...changes, scaling: { enabled: true, ...scaling } })
    return new Node(await Command.started(content), content)
  }

  /** Starts a second server on the same port, as the supervisor does for a restart. Resolves when both serve. */
  async startSuccessor(): Promise<Node> {
    const hand_over = { address: `127.0.0.1:${this.port}`, peer: join(mkdtempSync(join(tmpdir(), 'revurb-peer-')), 'peer.sock') }
    this.command.writeLine({ command: 'hand-over', peer: hand_over.peer })
    this.command.end()
    const { server, ...rest } = this.document as { server: object }
    const content = { ...rest, server: { ...server, port: this.port }, hand_over }
    return new Node(await Command.started(content), content)
  }

  /** Drains the server, as the supervisor does once its successor serves. */
  async drain(): Promise<void> {
    this.command.kill('SIGUSR2')
    await this.command.ended()
  }

  get port(): number {
    return this.command.port
  }

  get pid(): number {
    return this.command.pid
  }

  /** How often it has logged a line that begins with this message. */
  logged(message: string): number {
    return this.command.output.filter(line => line.includes(`"message":"${message}`)).length
  }

  /** All lines that it has logged so far. */
  get log(): string {
    return this.command.output.join('\n')
  }

  /** The reasons with which it has logged that it is not connected to Redis. */
  get reasons(): string[] {
    const lines = this.command.output.filter(line => line.includes('"message":"Not connected to Redis'))
    return lines.map(line => JSON.parse(line).context.reason)
  }

  /** Warnings and errors that no test provokes: others than those of outages, a slow Redis, ignored messages and limits of clients. */
  get unexpectedLines(): string[] {
    return this.command.output.filter(
      line =>
        /"level":"(warn|error)"/.test(line) &&
        !/Not connected to Redis|Redis is slow|were ignored|"code":"(max-connections|subscription-repeat)"/.test(line),
    )
  }

  connect({ key }: Credentials = mainApp): Promise<Client> {
    return Client.connected(this.port, { key })
  }

  /** A client that is signed in. */
  async signedIn(user: { readonly id: string }): Promise<Client> {
    const client = await this.connect()
    const user_data = JSON.stringify(user)
    client.send({ event: 'pusher:signin', data: { auth: userAuth(mainApp, client.socketId, user_data), user_data } })
    const { event } = await client.next()
    if (event !== 'pusher:signin_success') throw new Error(`not signed in: ${event}`)
    return client
  }

  /** A client that is subscribed to a presence channel. */
  async member(channel: string, user_id: string): Promise<Client> {
    const client = await this.connect()
    await client.subscribe(channel, { app: mainApp, member: { user_id } })
    return client
  }

  /** Publishes an event and waits until it is accepted. */
  async publish(channel: string, name: string, data: unknown, { app = mainApp, ...more }: PublishOptions = {}): Promise<void> {
    await this.post('/events', { name, channel, data: JSON.stringify(data), ...more }, app)
  }

  post(path: string, body: object, app = mainApp): Promise<unknown> {
    return this.request('POST', path, app, { body: JSON.stringify(body) })
  }

  get(path: string, query: Record<string, string> = {}, app = mainApp): Promise<unknown> {
    return this.request('GET', path, app, { query })
  }

  /** `/up` or `/ready`. */
  async health(path: string): Promise<{ status: number; health: unknown }> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`)
    return { status: response.status, health: ((await response.json()) as { health: unknown }).health }
  }

  async isDegraded(): Promise<boolean> {
    return (await this.health('/ready')).health === 'degraded'
  }

  /** What all routes of the HTTP API answer. */
  async view(app = mainApp): Promise<View> {
    const { connections } = (await this.get('/connections', {}, app)) as { connections: number }
    const { channels } = (await this.get('/channels', {}, app)) as { channels: object }
    const view = { connections, channels: {} as Record<string, object>, users: {} as Record<string, string[]> }
    for (const name of Object.keys(channels).sort()) {
      const path = `/channels/${encodeURIComponent(name)}`
      view.channels[name] = (await this.get(path, { info: 'subscription_count,user_count,cache' }, app)) as object
      if (!name.startsWith('presence-')) continue
      const { users } = (await this.get(`${path}/users`, {}, app)) as { users: { id: string }[] }
      view.users[name] = users.map(({ id }) => id).sort()
    }
    return view
  }

  /** Stops it as an operator does. */
  async stop(): Promise<void> {
    this.command.kill('SIGTERM')
    await this.command.ended()
  }

  async kill(): Promise<void> {
    this.command.kill('SIGKILL')
    await this.command.ended()
  }

  private async request(
    method: 'GET' | 'POST',
    path: string,
    app: Credentials,
    { query, body }: { query?: Record<string, string>; body?: string },
  ): Promise<unknown> {
    const fullPath = `/apps/${app.id}${path}`
    const signed = signedQuery(app, { method, path: fullPath, ...(query && { query }), ...(body && { body }) })
    const response = await fetch(`http://127.0.0.1:${this.port}${fullPath}?${signed}`, { method, ...(body && { body }) })
    if (response.status !== 200) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.command[Symbol.asyncDispose]()
  }
}

type PublishOptions = { readonly app?: Credentials; readonly socket_id?: string }
