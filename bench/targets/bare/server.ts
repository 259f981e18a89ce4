/**
 * The smallest program that does the work that is measured: channels are Bun's topics, signatures are verified with `node:crypto`, and
 * nothing else is checked. `server.ts HOST PORT`
 */
import { createHash, createHmac } from 'node:crypto'
import { app } from '../../load/app.ts'

type Data = { id: string }
type Socket = Bun.ServerWebSocket<Data>

const [host, port] = process.argv.slice(2) as [string, string]

/** The member list of each presence channel, as escaped JSON. */
const members = new Map<string, { count: number; ids: string; hash: string }>()
let opened = 0

const server = Bun.serve<Data>({
  hostname: host,
  port: Number(port),
  development: false,
  idleTimeout: 30,
  fetch(request, server) {
    if (request.method === 'POST') return publish(request)
    return server.upgrade(request, { data: { id: `${++opened}.${opened}` } }) ? undefined : new Response('', { status: 404 })
  },
  websocket: {
    idleTimeout: 0,
    open: socket => void socket.send(frame('pusher:connection_established', { socket_id: socket.data.id, activity_timeout: 30 })),
    message(socket, text) {
      const { event, channel, data } = JSON.parse(text as string)
      if (event === 'pusher:subscribe') subscribe(socket, data)
      else if (event.startsWith('client-')) socket.publish(channel, JSON.stringify({ event, channel, data }))
    },
  },
})

async function publish(request: Request): Promise<Response> {
  const body = await request.text()
  const url = request.url
  const path = url.indexOf('/', 8)
  const query = url.indexOf('?', path)
  const end = url.indexOf('&auth_signature=', query)
  const signed = url.slice(query + 1, end)
  const isSigned =
    signed.endsWith(`body_md5=${createHash('md5').update(body).digest('hex')}`) &&
    url.endsWith(hmac(`POST\n${url.slice(path, query)}\n${signed}`))
  if (!isSigned) return new Response('', { status: 401 })
  const { name, channel, data } = JSON.parse(body)
  server.publish(channel, JSON.stringify({ event: name, data, channel }))
  return new Response('{}', { headers: { 'Content-Type': 'application/json' } })
}

function subscribe(socket: Socket, { channel, auth, channel_data: member }: Record<string, string>): void {
  const isPublic = auth === undefined
  const signed = `${socket.data.id}:${channel}${member === undefined ? '' : `:${member}`}`
  if (!isPublic && auth !== `${app.key}:${hmac(signed)}`) return void socket.send(frame('pusher:error', { code: 4009 }))
  const list = member === undefined ? '{}' : join(channel!, member)
  socket.subscribe(channel!)
  socket.send(`{"event":"pusher_internal:subscription_succeeded","data":"${list}","channel":"${channel}"}`)
}

/** @returns the member list with the new member */
function join(channel: string, member: string): string {
  const room = members.get(channel) ?? { count: 0, ids: '', hash: '' }
  members.set(channel, room)
  const { user_id: id, user_info: info } = JSON.parse(member)
  server.publish(channel, JSON.stringify({ event: 'pusher_internal:member_added', data: member, channel }))
  const comma = room.count++ === 0 ? '' : ','
  room.ids += `${comma}\\"${id}\\"`
  room.hash += `${comma}\\"${id}\\":${JSON.stringify(JSON.stringify(info)).slice(1, -1)}`
  return `{\\"presence\\":{\\"count\\":${room.count},\\"ids\\":[${room.ids}],\\"hash\\":{${room.hash}}}}`
}

function frame(event: string, data: object): string {
  return JSON.stringify({ event, data: JSON.stringify(data) })
}

function hmac(text: string): string {
  return createHmac('sha256', app.secret).update(text).digest('hex')
}
