/** Opens the port of a server, which it shares with no other server but the one that hands over to it. */
import type { Config } from '../config/config.ts'
import { maxReceivedBytes } from '../http/received-bodies.ts'
import { authority } from './address.ts'
import { hasDuplicateListener, requireFree } from './port.ts'
import type { SocketData } from './socket-data.ts'

type ListenOptions = {
  /** Its host is an address. */
  readonly config: Config
  /** Null: plain HTTP. */
  readonly tls: Bun.TLSOptions | null
  /** Resolves with undefined where the request has become a WebSocket. */
  readonly fetch: (request: Request) => Promise<Response | undefined>
  readonly websocket: Bun.WebSocketHandler<SocketData>
}

/** For how long a connection may send nothing, or less than a whole request, before Bun closes it. */
const requestSeconds = 10

/** @throws what `Bun.serve` throws when it cannot listen */
export function listen({ config, tls, fetch, websocket }: ListenOptions): Bun.Server<SocketData> {
  const { host, port } = config
  const isAlone = config.handOver?.address !== authority(host, port)
  if (isAlone) requireFree(host, port)
  const server = Bun.serve<SocketData>({
    hostname: host,
    port,
    development: false,
    // During a restart the new server listens before the old one stops.
    reusePort: true,
    idleTimeout: requestSeconds,
    // Above our own limit, so that an oversize body gets an answer that says why.
    maxRequestBodySize: maxReceivedBytes(config.maxRequestBytes),
    ...(tls === null ? {} : { tls }),
    fetch: fetch as (request: Request) => Promise<Response>,
    websocket,
  })
  if (isAlone && hasDuplicateListener(server.port ?? port)) {
    void server.stop(true)
    throw Object.assign(new Error('The port is in use.'), { code: 'EADDRINUSE' })
  }
  return server
}
