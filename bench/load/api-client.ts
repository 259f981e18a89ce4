/** A client of the HTTP API with at most one request in flight. It keeps its connection if the server does, and reconnects if not. */
import type { Socket } from 'bun'
import type { Address } from './client.ts'

export type ApiClientOptions = {
  readonly at: Address
  readonly answered: () => void
  readonly failed: (reason: Error) => void
}

export class ApiClient {
  isBusy = false
  private socket: Socket<ApiClient> | undefined
  private request = ''
  private response: Buffer | undefined
  /** Responses to publishing have the same length, so only the first is parsed. */
  private expectedLength = 0

  constructor(private readonly options: ApiClientOptions) {}

  send(request: string): void {
    this.request = request
    this.isBusy = true
    if (this.socket !== undefined) this.write(this.socket)
    else void this.connect()
  }

  /** Closes the connection with a TCP reset. */
  reset(): void {
    const { socket } = this
    this.isBusy = false
    this.socket = undefined
    socket?.terminate()
  }

  fail(reason: Error): void {
    this.reset()
    this.options.failed(reason)
  }

  receive(socket: Socket<ApiClient>, chunk: Buffer): void {
    if (socket !== this.socket) return
    const isExpected = this.response === undefined && chunk.length === this.expectedLength && chunk[9] === 0x32
    if (isExpected) return void this.finish()
    this.response = this.response === undefined ? Buffer.from(chunk) : Buffer.concat([this.response, chunk])
    this.parse(this.response.toString('latin1'))
  }

  /** A response without a length ends with its connection. */
  closed(socket: Socket<ApiClient>): void {
    if (socket !== this.socket) return
    this.socket = undefined
    if (!this.isBusy) return
    const text = this.response?.toString('latin1') ?? 'no response'
    if (isPublished(text)) this.finish()
    else this.fail(new Error(`not published: ${text}`))
  }

  private async connect(): Promise<void> {
    const { host, port } = this.options.at
    try {
      this.socket = await Bun.connect<ApiClient>({ hostname: host, port, data: this, socket: callbacks })
      this.write(this.socket)
    } catch (error) {
      this.fail(error as Error)
    }
  }

  private write(socket: Socket<ApiClient>): void {
    if (socket.write(this.request) !== this.request.length) this.fail(new Error('a request did not fit into the socket'))
  }

  /** A server that closes its connection after a response announces it in a header, or uses HTTP/1.0. */
  private parse(text: string): void {
    const end = text.indexOf('\r\n\r\n') + 4
    if (end === 3) return
    const length = /^content-length: *(\d+)/im.exec(text)?.[1]
    if (length === undefined || text.length < end + Number(length)) return
    if (!isPublished(text)) return void this.fail(new Error(`not published: ${text}`))
    if (/^HTTP\/1\.0|^connection: *close/im.test(text.slice(0, end))) this.disconnect()
    else this.expectedLength = text.length
    this.finish()
  }

  private finish(): void {
    this.response = undefined
    this.isBusy = false
    this.options.answered()
  }

  /** Forgets the socket first, because ending it may call `closed` synchronously. */
  private disconnect(): void {
    const { socket } = this
    this.socket = undefined
    socket?.end()
  }
}

function isPublished(response: string): boolean {
  return response.slice(9, 12) === '200'
}

const callbacks = {
  data: (socket: Socket<ApiClient>, chunk: Buffer) => socket.data.receive(socket, chunk),
  close: (socket: Socket<ApiClient>) => socket.data.closed(socket),
  error: ({ data }: Socket<ApiClient>, error: Error) => data.fail(error),
}
