/** The HTTP endpoints of an application that sign channels and users. The request header X-User is the signed-in user. */
import type PusherServer from 'pusher'

export type User = {
  readonly id: string
  readonly user_info?: Record<string, unknown>
  readonly watchlist?: readonly string[]
}

const channelPath = '/broadcasting/auth'
const userPath = '/broadcasting/user-auth'

export class Backend {
  /** More pages that it serves, by path. */
  readonly pages = new Map<string, { type: string; body: string }>()
  private readonly server: Bun.Server<undefined>

  /** @param sdk signs; a test may replace it */
  constructor(public sdk: PusherServer) {
    this.server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: request => this.answer(request) })
  }

  get url(): string {
    return `http://127.0.0.1:${this.server.port}`
  }

  get channelEndpoint(): string {
    return this.url + channelPath
  }

  get userEndpoint(): string {
    return this.url + userPath
  }

  async stop(): Promise<void> {
    await this.server.stop(true)
  }

  private async answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    const page = this.pages.get(pathname)
    if (page !== undefined) return new Response(page.body, { headers: { 'Content-Type': page.type } })
    const user = request.headers.get('X-User')
    if (user === null) return new Response('Sign in first.', { status: 403 })
    const asked = new URLSearchParams(await request.text())
    return Response.json(
      this.sign(pathname, asked.get('socket_id')!, asked.get('channel_name'), JSON.parse(decodeURIComponent(user))),
    )
  }

  private sign(path: string, socketId: string, channel: string | null, user: User): object {
    if (path === userPath) return this.sdk.authenticateUser(socketId, user)
    if (channel === null) throw new Error(`nothing to sign at ${path}`)
    if (!channel.startsWith('presence-')) return this.sdk.authorizeChannel(socketId, channel)
    const { id: user_id, user_info = {} } = user
    return this.sdk.authorizeChannel(socketId, channel, { user_id, user_info })
  }
}

export function headersOf(user: User | undefined): Record<string, string> {
  return user === undefined ? {} : { 'X-User': encodeURIComponent(JSON.stringify(user)) }
}
