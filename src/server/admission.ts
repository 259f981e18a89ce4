/** Decides when a request is answered, whether it becomes a WebSocket, and whether its connection stays open after the answer. */
import type { Refused } from '../core/effect.ts'
import type { Queries } from '../core/queries.ts'
import type { Api } from '../http/api.ts'
import { closingConnection } from '../http/unread-body.ts'
import type { IdleConnections } from './idle-connections.ts'
import type { SocketData } from './socket-data.ts'
import { newSocketId } from './socket-id.ts'
import { UnsignedRequests } from './unsigned.ts'
import { upgrade } from './upgrade.ts'

type AdmissionOptions = {
  readonly queries: Queries
  readonly nowMs: () => number
  readonly refused: (refused: Omit<Refused, 'type'>) => void
  /** False where the server first synchronises with others: requests wait until `open` is called. */
  readonly isOpen: boolean
}

type Listener = Pick<Bun.Server<SocketData>, 'upgrade' | 'timeout' | 'requestIP'>

/**
 * For how long a connection may wait for its next request after a signed one: longer than proxies keep a connection, which is 60
 * seconds with nginx.
 */
const keepAliveSeconds = 65

export class Admission {
  private readonly unsigned = new UnsignedRequests()
  private readonly opening = Promise.withResolvers<void>()
  private isOpen: boolean
  private keepsAlive = true
  private listener!: Listener
  private idle!: Pick<IdleConnections, 'closesAfterAnswer'>

  constructor(private readonly options: AdmissionOptions) {
    this.isOpen = options.isOpen
  }

  /** See `Executor.attach`. */
  attach(listener: Listener, idle: Pick<IdleConnections, 'closesAfterAnswer'>): void {
    this.listener = listener
    this.idle = idle
  }

  /** The API, behind this admission. */
  guard(api: Api): Api {
    const answer: Api = request => (this.keepsAlive ? api(request) : withConnectionClose(request, api(request)))
    return request => (this.isOpen ? answer(request) : this.opening.promise.then(() => answer(request)))
  }

  /** From now on requests are answered, those that waited as well. */
  open(): void {
    this.isOpen = true
    this.opening.resolve()
  }

  /** From now on every answer closes its connection, so that the next request of its client opens another one. */
  disableKeepAlive(): void {
    this.keepsAlive = false
  }

  /** Makes a WebSocket of the request. Returns the answer where that is refused. */
  upgrade(request: Request, appKey: string): Response | undefined {
    const { queries, refused } = this.options
    const response = upgrade(
      this.listener,
      request,
      appKey,
      newSocketId(id => queries.isOpen(id)),
    )
    const appId = queries.appWithKey(appKey)?.id
    if (response !== undefined) refused({ refusal: 'bad-handshake', appId, about: request.headers.get('user-agent') ?? '' })
    return response
  }

  /** Keeps the connection of a signed request open for the next one. */
  keepAlive(request: Request): void {
    this.listener.timeout(request, keepAliveSeconds)
  }

  /** The answer to a request without a valid signature, which closes its connection where there are too many of either. */
  answerUnsigned(request: Request, response: Response): Response | Promise<Response> {
    const isLast = this.unsigned.count(this.listener.requestIP(request), this.options.nowMs()) || this.idle.closesAfterAnswer()
    return isLast ? closingConnection(request, response) : response
  }
}

async function withConnectionClose(request: Request, answer: Promise<Response | undefined>): Promise<Response | undefined> {
  const response = await answer
  return response === undefined ? undefined : closingConnection(request, response)
}
