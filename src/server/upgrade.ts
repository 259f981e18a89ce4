/** Upgrades an HTTP request to a WebSocket, or says why that is refused. */
import { refusalHeader, refusalValue } from '../http/refusal-header.ts'
import { targetOf } from '../http/target.ts'
import type { SocketData } from './socket-data.ts'

type Upgrader = Pick<Bun.Server<SocketData>, 'upgrade'>

/** Reverb sends this header, and some clients and dashboards look for it. */
const headers = { 'X-Powered-By': 'Laravel Reverb' }

/**
 * Returns undefined where the request has become a WebSocket. Whether the app exists and accepts this client is decided once the
 * socket is open, because only then can a Pusher client be sent the reason.
 */
export function upgrade(server: Upgrader, request: Request, appKey: string, socketId: string): Response | undefined {
  if (request.method !== 'GET' || request.headers.get('upgrade')?.toLowerCase() !== 'websocket') {
    return refuse(426, 'This is a WebSocket endpoint: connect with a Pusher client.')
  }
  if (announcesBody(request.headers)) {
    return refuse(400, 'Bad WebSocket handshake: it announces a body (Content-Length or Transfer-Encoding).')
  }
  const origin = request.headers.get('origin')
  const protocol = new URLSearchParams(targetOf(request.url).query).get('protocol')
  const handshake = { appKey, origin, protocol }
  const data: SocketData = { socketId, handshake, seen: undefined, messagesUntilMs: 0, bytesUntilMs: 0, waiting: undefined }
  if (server.upgrade(request, { data, headers })) return undefined
  return refuse(400, 'Bad WebSocket handshake: Sec-WebSocket-Key or Connection: Upgrade is missing or wrong.')
}

/**
 * A proxy takes the bytes after such a handshake for its body, and this server would take them for frames: a client could smuggle frames
 * past the proxy.
 */
function announcesBody(headers: Headers): boolean {
  return headers.has('transfer-encoding') || Number(headers.get('content-length')) !== 0
}

function refuse(status: 400 | 426, reason: string): Response {
  return new Response(reason, {
    status,
    headers: { Upgrade: 'websocket', Connection: 'close', [refusalHeader]: refusalValue('bad-handshake') },
  })
}
