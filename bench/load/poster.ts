/** An HTTP client that has one request under way. It keeps its connection where the server does, and connects again where not. */
import type { Socket } from 'bun'
import type { Address } from './client.ts'

export type PosterOptions = {
  readonly at: Address
  readonly answered: () => void
  readonly failed: (reason: Error) => void
}

export class Poster {
  isBusy = false
  private socket: Socket<Poster> | undefined
  private request = ''
  private answer: Buffer | undefined
  /** Answers to the same kind of request are of one length, so that only the first is read. */
  private usualLength = 0

  constructor(private readonly options: PosterOptions) {}

  send(request: string): void {
    this.request = request
    this.isBusy = true
    if (this.socket !== undefined) this.write(this.socket)
    else void this.connect()
  }

  cut(): void {
    const { socket } = this
    this.isBusy = false
    this.socket = undefined
    socket?.terminate()
  }

  fails(reason: Error): void {
    this.cut()
    this.options.failed(reason)
  }

  take(socket: Socket<Poster>, chunk: Buffer): void {
    if (socket !== this.socket) return
    const isUsual = this.answer === undefined && chunk.length === this.usualLength && chunk[9] === 0x32
    if (isUsual) return void this.done()
    this.answer = this.answer === undefined ? Buffer.from(chunk) : Buffer.concat([this.answer, chunk])
    this.read(this.answer.toString('latin1'))
  }

  /** The end of the connection is the end of an answer without a length. */
  ends(socket: Socket<Poster>): void {
    if (socket !== this.socket) return
    this.socket = undefined
    if (!this.isBusy) return
    const text = this.answer?.toString('latin1') ?? 'no answer'
    if (isPublished(text)) this.done()
    else this.fails(new Error(`not published: ${text}`))
  }

  private async connect(): Promise<void> {
    const { host, port } = this.options.at
    try {
      this.socket = await Bun.connect<Poster>({ hostname: host, port, data: this, socket: callbacks })
      this.write(this.socket)
    } catch (error) {
      this.fails(error as Error)
    }
  }

  private write(socket: Socket<Poster>): void {
    if (socket.write(this.request) !== this.request.length) this.fails(new Error('a request did not fit into the socket'))
  }

  /** Servers that end the connection after an answer say so, or speak HTTP/1.0. */
  private read(text: string): void {
    const end = text.indexOf('\r\n\r\n') + 4
    if (end === 3) return
    const length = /^content-length: *(\d+)/im.exec(text)?.[1]
    if (length === undefined || text.length < end + Number(length)) return
    if (!isPublished(text)) return void this.fails(new Error(`not published: ${text}`))
    if (/^HTTP\/1\.0|^connection: *close/im.test(text.slice(0, end))) this.leave()
    else this.usualLength = text.length
    this.done()
  }

  private done(): void {
    this.answer = undefined
    this.isBusy = false
    this.options.answered()
  }

  /** Forgets the socket first: that it closes may be told at once. */
  private leave(): void {
    const { socket } = this
    this.socket = undefined
    socket?.end()
  }
}

function isPublished(answer: string): boolean {
  return answer.slice(9, 12) === '200'
}

const callbacks = {
  data: (socket: Socket<Poster>, chunk: Buffer) => socket.data.take(socket, chunk),
  close: (socket: Socket<Poster>) => socket.data.ends(socket),
  error: ({ data }: Socket<Poster>, error: Error) => data.fails(error),
}
