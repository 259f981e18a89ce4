/** A server inside this process, on a free port. */
import type { Config } from '../../src/config/config.ts'
import type { Observer } from '../../src/server/observer.ts'
import type { RefusalReport } from '../../src/server/refusals.ts'
import { type RunningServer, startServer } from '../../src/server/server.ts'
import { tlsOptions } from '../../src/server/tls.ts'
import { testApp, testConfig } from './apps.ts'
import { Client, type ConnectOptions } from './client.ts'
import { type SignedRequest, signedQuery } from './sign.ts'

export class TestServer implements AsyncDisposable {
  readonly unexpected: { error: unknown; where: string }[] = []
  readonly refusals: RefusalReport[] = []
  /** Method, path and status. */
  readonly answers: string[] = []
  readonly running: RunningServer
  readonly app
  private readonly secure: boolean

  constructor(changes: Partial<Config> = {}, observers: readonly Observer[] = []) {
    const config = testConfig(changes)
    this.app = config.apps[0] ?? testApp()
    this.secure = config.tls !== null
    const tls = config.tls && tlsOptions(config.tls)
    this.running = startServer({
      config,
      tls,
      observers,
      onRefusal: report => void this.refusals.push(report),
      onAnswer: ({ method, path }, status) => void this.answers.push(`${method} ${path} ${status}`),
      unexpected: (error, where) => void this.unexpected.push({ error, where }),
    })
  }

  get port(): number {
    return this.running.port
  }

  connect(options: ConnectOptions = {}): Promise<Client> {
    return Client.connected(this.port, { key: this.app.key, tls: this.secure, ...options })
  }

  /** A client whose first frame is left to the test. */
  open(options: ConnectOptions = {}): Client {
    return Client.open(this.port, { key: this.app.key, tls: this.secure, ...options })
  }

  /** A signed request. */
  request({
    url,
    app = this.app,
    ...request
  }: SignedRequest & { url?: string; app?: { key: string; secret: string } }): Promise<Response> {
    const { method, path, body } = request
    const target = `${this.secure ? 'https' : 'http'}://127.0.0.1:${this.port}${url ?? path}?${signedQuery(app, request)}`
    const tls = this.secure ? { tls: { rejectUnauthorized: false } } : {}
    return fetch(target, { method, ...(body === undefined ? {} : { body }), ...tls })
  }

  post(path: string, body: object): Promise<Response> {
    return this.request({ method: 'POST', path: `/apps/${this.app.id}${path}`, body: JSON.stringify(body) })
  }

  /** Publishes an event and waits until it is accepted. */
  async publish(channel: string, data: string, more: object = {}): Promise<void> {
    const response = await this.post('/events', { name: 'e', channel, data, ...more })
    if (response.status !== 200) throw new Error(`not published: ${response.status} ${await response.text()}`)
  }

  async get(path: string, query: Record<string, string> = {}): Promise<unknown> {
    return (await this.request({ method: 'GET', path: `/apps/${this.app.id}${path}`, query })).json()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.running.traffic.stop()
  }
}
