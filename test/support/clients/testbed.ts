/** The server, an application that publishes and signs with Pusher's own SDK for Node.js, and real clients. */
import PusherServer from 'pusher'
import Pusher, { type Options } from 'pusher-js'
import type { Config } from '../../../src/config/config.ts'
import { testApp } from '../apps.ts'
import { TestServer } from '../server.ts'
import { Backend, headersOf, type User } from './backend.ts'
import { reached } from './event-queue.ts'

export const masterKey = Buffer.alloc(32, 'master key').toString('base64')

type ClientOptions = Partial<Options> & { key?: string; Client?: typeof Pusher }

export class Testbed implements AsyncDisposable {
  readonly server: TestServer
  readonly sdk: PusherServer
  readonly backend: Backend
  /** The messages that the server has received from clients. */
  readonly received: { event: string; data: { channel?: string } }[] = []
  private readonly clients: { disconnect(): void }[] = []

  constructor(app: Parameters<typeof testApp>[0] = {}, config: Partial<Config> = {}) {
    const received = (_socket: unknown, text: string) => void this.received.push(JSON.parse(text))
    const nothing = () => undefined
    const watcher = { opened: nothing, closed: nothing, received, sent: nothing, channel: nothing, pruned: nothing }
    this.server = new TestServer({ apps: [testApp(app)], ...config }, [watcher])
    this.sdk = this.sdkWith({})
    this.backend = new Backend(this.sdk)
  }

  /** Pusher's SDK for Node.js, configured for this server, with the changes of a test. */
  sdkWith(options: Partial<PusherServer.BaseOptions>): PusherServer {
    const { id: appId, key, secret } = this.server.app
    const port = String(this.server.port)
    return new PusherServer({ appId, key, secret, host: '127.0.0.1', port, encryptionMasterKeyBase64: masterKey, ...options })
  }

  /** A client that begins to connect. `user` is the user that the application authenticates it as. */
  client(user?: User, { key = this.server.app.key, Client = Pusher, ...options }: ClientOptions = {}): Pusher {
    const client = new Client(key, { ...this.options(user), ...options })
    this.disconnectAtEnd(client)
    return client
  }

  /** A client that is connected. */
  async connect(user?: User, options: ClientOptions = {}): Promise<Pusher> {
    const client = this.client(user, options)
    await reached(client, 'connected')
    return client
  }

  /** Disconnects this client when the test has ended. */
  disconnectAtEnd(client: { disconnect(): void }): void {
    this.clients.push(client)
  }

  private options(user: User | undefined): Options {
    const headers = headersOf(user)
    return {
      cluster: '',
      wsHost: '127.0.0.1',
      wsPort: this.server.port,
      wssPort: this.server.port,
      forceTLS: false,
      enabledTransports: ['ws'],
      channelAuthorization: { transport: 'ajax', endpoint: this.backend.channelEndpoint, headers },
      userAuthentication: { transport: 'ajax', endpoint: this.backend.userEndpoint, headers },
    }
  }

  /** @throws when the server reported an unexpected error */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.clients) client.disconnect()
    await this.server[Symbol.asyncDispose]()
    await this.backend.stop()
    if (this.server.unexpected.length > 0) throw this.server.unexpected[0]!.error
  }
}
