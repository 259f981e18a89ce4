/** From an HTTP request to a WebSocket, or a reason why not. */
import { targetOf } from '../http/target.ts'
import { refusalHeader } from '../protocol/refusal.ts'
import type { SocketData } from './effects.ts'

type Upgrader = Pick<Bun.Server<SocketData>, 'upgrade'>

/** Some clients and dashboards look for it. */
const headers = { 'X-Powered-By': 'Laravel Reverb' }

/** Whether the app exists, and wants this client, is decided once the socket is open: only then can a client be told why not. */
export function upgrade(server: Upgrader, request: Request, appKey: string, socketId: string): Response | undefined {
  if (request.method !== 'GET' || request.headers.get('upgrade')?.toLowerCase() !== 'websocket') {
    return refuse(426, 'This is a WebSocket endpoint: connect with a Pusher client.')
  }
  if (announcesBody(request.headers)) {
    return refuse(400, 'Bad WebSocket handshake: it announces a body (Content-Length or Transfer-Encoding).')
  }
  const origin = request.headers.get('origin')
  const protocol = new URLSearchParams(targetOf(request.url).query).get('protocol')
  const asked = { appKey, origin, protocol }
  const data: SocketData = { socketId, asked, seen: undefined, messagesUntilMs: 0, bytesUntilMs: 0, waiting: undefined }
  if (server.upgrade(request, { data, headers })) return undefined
  return refuse(400, 'Bad WebSocket handshake: Sec-WebSocket-Key or Connection: Upgrade is missing or wrong.')
}

/** Where a proxy takes the bytes after a handshake for a body, and this server for frames, a client could smuggle frames past it. */
function announcesBody(headers: Headers): boolean {
  return headers.has('transfer-encoding') || Number(headers.get('content-length')) !== 0
}

function refuse(status: 400 | 426, reason: string): Response {
  return new Response(reason, {
    status,
    headers: { Upgrade: 'websocket', Connection: 'close', [refusalHeader]: 'bad-handshake' },
  })
}
