/**
 * Publishes in a loop over one connection at a time, and counts the faults that an HTTP library would hide by a retry: refused
 * and reset connections, and requests without an answer.
 */
import { connect, type Socket } from 'node:net'
import { signedQuery } from '../../support/sign.ts'

export class Publisher {
  published = 0
  private number = 0
  connections = 0
  /** The number of faults of each kind. */
  readonly faults = new Map<string, number>()
  private running = true

  constructor(
    private readonly port: number,
    private readonly channel: string,
  ) {}

  async run(): Promise<void> {
    while (this.running) {
      const socket = await this.open()
      if (socket !== undefined) await this.use(socket)
    }
  }

  stop(): void {
    this.running = false
  }

  private open(): Promise<Socket | undefined> {
    return new Promise(resolve => {
      const socket = connect(this.port, '127.0.0.1')
      socket.once('connect', () => {
        this.connections++
        resolve(socket)
      })
      socket.once('error', error => {
        this.fault(`connecting: ${(error as { code?: string }).code}`)
        resolve(undefined)
      })
    })
  }

  /** One request after the other, until the server wants to end the connection. */
  private async use(socket: Socket): Promise<void> {
    let answer = Promise.withResolvers<string>()
    let text = ''
    socket.removeAllListeners('error')
    socket.on('data', data => {
      text += data.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
      if (end >= 0 && text.length >= end + 4 + length) answer.resolve(text)
    })
    socket.on('error', error => answer.resolve((error as { code?: string }).code ?? 'error'))
    socket.on('close', () => answer.resolve('closed'))
    for (let last = false; this.running && !last; ) {
      text = ''
      answer = Promise.withResolvers<string>()
      socket.write(this.request())
      const got = await answer.promise
      const status = /^HTTP\/1\.1 (\d+)/.exec(got)?.[1]
      if (status === '200') this.published++
      else this.fault(`publishing: ${status ?? got}`)
      last = status === undefined || /^connection: close/im.test(got)
    }
    socket.destroy()
  }

  private request(): string {
    const path = '/apps/1001/events'
    const body = JSON.stringify({ name: 'load', channel: this.channel, data: JSON.stringify({ n: ++this.number }) })
    const query = signedQuery({ key: 'app-key', secret: 'app-secret' }, { method: 'POST', path, body })
    return `POST ${path}?${query} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  }

  private fault(name: string): void {
    this.faults.set(name, (this.faults.get(name) ?? 0) + 1)
  }
}
