/** A server under a small limit of open files, and connections that would take all of it: which clients are still served. */
import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { Command, document } from '../support/command.ts'
import { Queue } from '../support/queue.ts'
import { signedQuery } from '../support/sign.ts'
import { upgradeRequest } from '../support/tcp.ts'

const openFiles = 400
/** How long a client waits before it connects again. */
const reopenMs = 500
const app = { key: 'app-key', secret: 'app-secret' }

type Behaviour = {
  /** Sends what a client sends once it is connected. Returns the timer by which it continues. */
  readonly send: (socket: Socket) => Timer | undefined
  /** It keeps its own side open when the server closes the connection. */
  readonly staysOpen?: boolean
}

/** Connections of one client, each opened again some time after the server has closed it. */
class Flood implements Disposable {
  private readonly sockets = new Set<Socket>()
  private readonly timers = new Set<Timer>()
  private readonly closings = new Queue<true>()

  constructor(
    private readonly port: number,
    connections: number,
    private readonly behaviour: Behaviour,
  ) {
    for (let i = 0; i < connections; i++) this.open()
  }

  /** Waits until the server has closed so many more. */
  async closed(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.closings.next()
  }

  private open(): void {
    const socket = connect({ host: '127.0.0.1', port: this.port, allowHalfOpen: true })
    let sending: Timer | undefined
    this.sockets.add(socket)
    socket.once('connect', () => {
      sending = this.behaviour.send(socket)
      if (sending !== undefined) this.timers.add(sending)
    })
    socket.on('data', () => {})
    socket.on('error', () => {})
    socket.once('end', () => {
      clearInterval(sending)
      if (this.behaviour.staysOpen !== true) socket.destroy()
      this.timers.add(setTimeout(() => this.open(), reopenMs))
      this.closings.add(true)
    })
  }

  [Symbol.dispose](): void {
    for (const timer of this.timers) clearTimeout(timer)
    for (const socket of this.sockets) socket.destroy()
  }
}

/** On a connection of its own. */
async function publish(port: number, data: string): Promise<number> {
  const path = '/apps/1001/events'
  const body = JSON.stringify({ name: 'e', channel: 'news', data })
  const url = `http://127.0.0.1:${port}${path}?${signedQuery(app, { method: 'POST', path, body })}`
  const response = await fetch(url, { method: 'POST', body, headers: { Connection: 'close' }, keepalive: false })
  return response.status
}

/** CPU time of the process, in milliseconds. */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return 10 * (Number(fields[11]) + Number(fields[12]))
}

function half(socket: Socket): undefined {
  socket.write('POST /apps/1001/events HTTP/1.1\r\nHost: localhost\r\n')
}

const silent: Behaviour = { send: () => undefined }
const halfRequest: Behaviour = { send: half }
const slowRequest: Behaviour = {
  send(socket) {
    half(socket)
    return setInterval(() => socket.write('a'), 40)
  },
}
const idle: Behaviour = { send: socket => void socket.write('GET /up HTTP/1.1\r\nHost: localhost\r\n\r\n') }
const webSocket: Behaviour = { send: socket => void socket.write(upgradeRequest()), staysOpen: true }

/** At its limit of descriptors Bun busy-loops, which takes more than nine tenths of a core. */
const spinning = 0.7

describe.if(process.platform === 'linux')('a client with more connections than the server has descriptors', () => {
  test.each<[string, Behaviour]>([
    ['that send nothing', silent],
    ['that send half a request', halfRequest],
    ['that send a request byte by byte', slowRequest],
    ['that wait for their next request', idle],
    ['that are refused WebSockets and do not answer the close', webSocket],
  ])(
    '%s, takes nothing from publishers and other clients',
    async (_, behaviour) => {
      await using server = await Command.started(document(), openFiles)
      const clients = await Promise.all(Array.from({ length: 20 }, () => server.connect()))
      for (const client of clients) await client.subscribe('news')
      using flood = new Flood(server.port, 600, behaviour)
      const line = await server.next('log', { code: 'idle-connection' })
      expect(line).toMatchObject({ level: 'warn', context: { count: expect.any(Number) } })
      for (let i = 0; i < 30; i++) {
        await flood.closed(10)
        expect(await publish(server.port, `${i}`)).toBe(200)
        for (const client of clients) expect(await client.next()).toMatchObject({ data: `${i}` })
      }
      const [startedAtMs, cpuAtStartMs] = [performance.now(), cpuMs(server.pid)]
      await flood.closed(600)
      expect((cpuMs(server.pid) - cpuAtStartMs) / (performance.now() - startedAtMs)).toBeLessThan(spinning)
      expect(server.output.filter(text => text.includes('"idle-connection"'))).toHaveLength(1)
    },
    60_000,
  )
})
